"""Long series counted beforehand, over stretches of steps whose length is a power of two.

The grid of a chart has widths that are powers of two and edges that are multiples of them, so a stretch lies in one
bucket of every wider grid, and what is put together from stretches is what counting the points gives.
A stretch may have several rows: each transaction adds rows for its own points.
"""

# ruff: noqa: S608 (numbers and names of our own)
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from .parts import Array

#: Points from which on a series is counted beforehand.
LONG = 1 << 15
#: Points of a stretch, roughly: the two levels of every long series.
POINTS = (64, 4096)
#: Steps beyond are no exact floats, and so not on the grid of a chart.
_EXACT = 2**53

#: What a transaction adds; DuckDB takes NaN in numpy columns for NULL.
NEW_POINTS = "(select * replace (coalesce(value, 'nan'::double) as value) from new_points)"

_FIGURES = """
    min(step), max(step), arg_min(value, (step, ts, rec)), arg_max(value, (step, ts, rec)),
    arg_min(ts, (step, ts, rec)), arg_max(ts, (step, ts, rec)),
    min(value) filter (isfinite(value)), max(value) filter (isfinite(value)), avg(value) filter (isfinite(value)),
    count(*) filter (isfinite(value)), count(*) filter (isnan(value)),
    count(*) filter (value = 'inf'::double), count(*) filter (value = '-inf'::double)
"""


class Rollups:
    """Which series have them, and the making of them. Part of the writer."""

    def __init__(self) -> None:
        self._levels: dict[tuple[int, int], list[int]] = {}  # (run, key) -> exponents of two

    def load(self, cursor: DuckDBPyConnection) -> None:
        self._levels.clear()
        for run, key, level in cursor.execute("select run, key, level from rolled").fetchall():
            self._levels.setdefault((run, key), []).append(level)

    def forget(self, runs: Sequence[int]) -> None:
        gone = set(runs)
        for pair in [pair for pair in self._levels if pair[0] in gone]:
            del self._levels[pair]

    def extend(self, cursor: DuckDBPyConnection, points: Mapping[str, Array], rows: Mapping[str, Array]) -> None:
        """Follow the points that this transaction adds.

        :param points: what stands in ``new_points``.
        :param rows: ``run``, ``key`` and ``n`` of their series as they are now.
        """
        for place in np.flatnonzero(rows["n"] >= LONG).tolist():
            run, key = int(rows["run"][place]), int(rows["key"][place])
            levels = self._levels.get((run, key))
            if levels is None:
                self._begin(cursor, run, key, int(rows["n"][place]))
                continue
            steps = points["step"][(points["run"] == run) & (points["key"] == key)]
            if not -_EXACT < steps.min() <= steps.max() < _EXACT:
                self._end(cursor, run, key)
                continue
            for level in levels:
                self._roll(cursor, run, key, level, NEW_POINTS)

    def _begin(self, cursor: DuckDBPyConnection, run: int, key: int, n: int) -> None:
        low, high = cursor.execute(
            f"select min(step), max(step) from points where run = {run} and key = {key}"
        ).fetchall()[0]
        if not -_EXACT < low <= high < _EXACT:
            return
        apart = max(1.0, (high - low + 1) / n)
        levels = sorted({max(1, round(apart * points) - 1).bit_length() for points in POINTS})
        self._levels[run, key] = levels
        for level in levels:
            cursor.execute(f"insert into rolled values ({run}, {key}, {level})")
            self._roll(cursor, run, key, level, "points")

    def _end(self, cursor: DuckDBPyConnection, run: int, key: int) -> None:
        for table in ("rolled", "rollups"):
            cursor.execute(f"delete from {table} where run = {run} and key = {key}")
        del self._levels[run, key]

    def _roll(self, cursor: DuckDBPyConnection, run: int, key: int, level: int, table: str) -> None:
        cursor.execute(
            f"insert into rollups select run, key, {level}, step >> {level}, {_FIGURES} from {table}"
            f" where run = {run} and key = {key} group by run, key, step >> {level} order by step >> {level}"
        )
