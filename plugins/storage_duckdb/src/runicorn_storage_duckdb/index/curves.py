"""Curves in buckets, from the index: long series from what was counted beforehand, the others from their points."""

# ruff: noqa: S608 (numbers and names of our own; keys are parameters)
from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from runicorn.errors import InvalidArgument
from runicorn.model.grid import width_for
from runicorn.model.metric import BucketTable

from .answers import answer, records_between
from .index import Unavailable
from .pairs import among, curve, listed, mapped, plain
from .parts import Array, Part, count, join

if TYPE_CHECKING:
    from runicorn.model.run import RunRef

    from .looking import LookCursor, LookIndex
    from .tracking import Tracked

_AXES = ("step", "wall", "relative")
_EXACT = 2.0**53
_FAR = 2.0**62
#: Points that are counted at a time, roughly.
_POINTS = 1 << 19


def read_buckets(
    index: LookIndex,
    runs: Sequence[RunRef],
    started: Sequence[float],
    keys: Sequence[str] | None,
    x: str,
    range_: tuple[float | None, float | None],
    buckets: int,
    log_x: bool,
) -> BucketTable:
    """See ``Store.read_buckets``.

    :param started: when each run started, Unix seconds.
    :raises Unavailable: the files have to answer.
    """
    if buckets < 1:
        raise InvalidArgument("buckets", buckets, "must be at least 1")
    if x not in _AXES:
        raise Unavailable("x is a key")
    with index.fresh(runs) as known, index.database.reading() as cursor:
        tracked = [known[ref.folder] for ref in runs]
        return _Curves(cursor, runs, tracked, started, x, range_, buckets, log_x).table(keys)


class _Curves:
    def __init__(
        self,
        cursor: LookCursor,
        refs: Sequence[RunRef],
        tracked: Sequence[Tracked],
        started: Sequence[float],
        x: str,
        range_: tuple[float | None, float | None],
        buckets: int,
        log_x: bool,
    ) -> None:
        self._cursor, self._refs, self._tracked = cursor, refs, tracked
        self._x, self._range, self._buckets, self._log = x, range_, buckets, log_x
        self._begins = [min(begin, run.low_ts) for begin, run in zip(started, tracked, strict=True)]
        if self._log and range_[0] is not None and range_[0] <= 0:
            self._range = (None, range_[1])
        self._open = range_ == (None, None) and not log_x
        if not self._open and any(run.bare for run in tracked):
            raise Unavailable("records without a number are not in the index")

    def table(self, keys: Sequence[str] | None) -> BucketTable:
        extents = [self._extent(position) for position in range(len(self._refs))]
        shown = [(low, high) for low, high in extents if low <= high]
        low = min((self._scaled(low) for low, _ in shown), default=0.0)
        high = max((self._scaled(high) for _, high in shown), default=0.0)
        width = width_for(low, high, self._buckets)
        names, ids = self._keys(keys)
        part, places, records = self._count(extents, ids, width)
        if keys is None:
            used = sorted(set(places.tolist()), key=names.__getitem__)
            order = np.zeros(len(names), np.int64)
            order[used] = np.arange(len(used))
            names, places = [names[place] for place in used], order[places]
        return BucketTable(
            runs=list(self._refs),
            keys=names,
            columns=answer(part, places),
            origin=0.0,
            width=width,
            records=records,
        )

    # --- x

    def _scaled(self, x: float) -> float:
        return math.log10(x) if self._log else x

    def _extent(self, position: int) -> tuple[float, float]:
        """The asked range of x, with the ends of a run's records where it is open."""
        low, high = self._range
        run = self._tracked[position]
        if low is not None and high is not None:
            return low, high
        if not run.records:
            return (math.inf if low is None else low), (-math.inf if high is None else high)
        least, most = self._ends(position)
        if self._log and least <= 0:
            least = self._least_positive(position)
            most = most if most > 0 else -math.inf
        return least if low is None else low, most if high is None else high

    def _ends(self, position: int) -> tuple[float, float]:
        run = self._tracked[position]
        if self._x == "step":
            return float(run.low_step), float(run.high_step)
        begin = self._begins[position] if self._x == "relative" else 0.0
        return run.low_ts - begin, run.high_ts - begin

    def _least_positive(self, position: int) -> float:
        column, begin = ("step", 0.0) if self._x == "step" else ("ts", self._begins[position])
        begin = begin if self._x == "relative" else 0.0
        found = self._cursor.execute(
            f"select min({column}) from points where run = ? and {column} > ?", [self._tracked[position].id, begin]
        ).fetchall()[0][0]
        return math.inf if found is None else float(found) - begin

    # --- Keys

    def _keys(self, keys: Sequence[str] | None) -> tuple[list[str], list[int | None]]:
        """Names and numbers; a name that no run has has none."""
        if keys is None:
            rows = self._cursor.execute(
                "select name, id from keys where id in (select distinct key from series where run in"
                f" ({listed(run.id for run in self._tracked)}))"
            ).fetchall()
            return [name for name, _ in rows], [number for _, number in rows]
        found = dict(
            self._cursor.execute("select name, id from keys where list_contains(?, name)", [list(keys)]).fetchall()
        )
        return list(keys), [found.get(key) for key in keys]

    # --- Counting

    def _count(
        self, extents: Sequence[tuple[float, float]], ids: Sequence[int | None], width: float
    ) -> tuple[Part | None, Array, list[int]]:
        """Buckets of all curves, the place of the key of each row, and the records of each run in its range."""
        wanted = [number for number in ids if number is not None]
        rolled = self._rolled(wanted, width)
        parts: list[Part] = []
        if wanted and self._tracked:
            if rolled:
                parts += self._from_rollups(rolled, width)
            for portion in self._portions(len(wanted)):
                points = self._points(portion, wanted, extents, rolled)
                if len(points["run"]):
                    parts.append(self._from_points(points, extents, width))
        parts = [part for part in parts if len(part["curve"])]
        records = self._records(extents)
        if not parts:
            return None, np.empty(0, np.int64), records
        whole = join(parts) if len(parts) > 1 or rolled else parts[0]
        of_run = {run.id: position for position, run in enumerate(self._tracked)}
        of_key = {number: place for place, number in enumerate(ids) if number is not None}
        runs, keys = whole["curve"] >> 32, whole["curve"] & 0xFFFFFFFF
        whole["run"] = mapped(runs, of_run)
        return whole, mapped(keys, of_key), records

    def _rolled(self, keys: Sequence[int], width: float) -> dict[tuple[int, int], int]:
        """The coarsest level that fits the grid, of each long series."""
        if self._x != "step" or self._log or not 2 <= width < math.inf or not keys:
            return {}
        if any(max(abs(run.low_step), abs(run.high_step)) >= _EXACT for run in self._tracked):
            return {}
        rows = self._cursor.execute(
            f"select run, key, max(level) from rolled where run in ({listed(run.id for run in self._tracked)})"
            f" and key in ({listed(keys)}) and level <= ? group by all",
            [int(math.log2(width))],
        ).fetchall()
        return {(run, key): level for run, key, level in rows}

    def _inner(self, level: int) -> tuple[float, float]:
        """The stretches of a level that lie within the range; where it is open, all of them."""
        low, high = self._range
        step = 1 << level
        first = -math.inf if low is None else math.ceil(low / step)
        last = math.inf if high is None else math.floor((high + 1) / step) - 1
        return first, last

    def _from_rollups(self, rolled: Mapping[tuple[int, int], int], width: float) -> list[Part]:
        parts = []
        exponent = int(math.log2(width))
        for level in sorted(set(rolled.values())):
            pairs = [pair for pair, chosen in rolled.items() if chosen == level]
            first, last = self._inner(level)
            bounds = [f"bucket >= {int(first)}"] if math.isfinite(first) else []
            bounds += [f"bucket <= {int(last)}"] if math.isfinite(last) else []
            rows = self._cursor.execute(
                f'select run, key, bucket, x_first, x_last, "first", "last", ts_first, ts_last, "min", "max",'
                f" mean, n, n_nan, n_posinf, n_neginf from rollups where level = {level} and {among(pairs)}"
                + "".join(f" and {bound}" for bound in bounds)
            ).fetchnumpy()
            part: Part = {name: plain(column) for name, column in rows.items()}
            part["curve"] = curve(part.pop("run"), part.pop("key"))
            part["bucket"] = part["bucket"] >> (exponent - level)
            part["step_first"] = part["x_first"]
            part["x_first"], part["x_last"] = part["x_first"].astype(np.float64), part["x_last"].astype(np.float64)
            none = part["n"] == 0
            part["min"] = np.where(none, np.inf, part["min"])
            part["max"] = np.where(none, -np.inf, part["max"])
            part["mean"] = np.where(none, 0.0, part["mean"])
            parts.append(part)
        return parts

    def _portions(self, keys: int) -> Iterator[list[int]]:
        """Runs whose points are in memory at one time."""
        portion: list[int] = []
        size = 0
        for run in self._tracked:
            if portion and size + run.records * keys > _POINTS:
                yield portion
                portion, size = [], 0
            portion.append(run.id)
            size += run.records * keys
        yield portion

    def _points(
        self,
        runs: Sequence[int],
        keys: Sequence[int],
        extents: Sequence[tuple[float, float]],
        rolled: Mapping[tuple[int, int], int],
    ) -> dict[str, Array]:
        """Points in the range that no stretch has counted."""
        where = [f"run in ({listed(runs)})", f"key in ({listed(keys)})", *self._bounds(extents)]
        if rolled:
            counted = []
            for level in sorted(set(rolled.values())):
                pairs = [pair for pair, chosen in rolled.items() if chosen == level]
                first, last = self._inner(level)
                inner = [among(pairs)]
                inner += [f"step >= {int(first) << level}"] if math.isfinite(first) else []
                inner += [f"step < {(int(last) + 1) << level}"] if math.isfinite(last) else []
                counted.append(f"not ({' and '.join(inner)})")
            if self._open and all((run, key) in rolled for run in runs for key in keys):
                return {"run": np.empty(0, np.int32)}
            where += counted
        rows = self._cursor.execute(
            f"select run, key, rec, step, ts, value from points where {' and '.join(where)}"
        ).fetchnumpy()
        return {name: plain(column) for name, column in rows.items()}

    def _bounds(self, extents: Sequence[tuple[float, float]]) -> list[str]:
        """The range as SQL, as far as it is the same for all runs; ``_from_points`` looks exactly."""
        if self._open or self._x == "relative":
            return []
        low = min(low for low, _ in extents)
        high = max(high for _, high in extents)
        if self._x == "step":  # whole numbers, so that stretches of the table can be left out
            bounds = [f"step >= {math.ceil(low)}"] if -_FAR < low < _FAR else []
            return bounds + ([f"step <= {math.floor(high)}"] if -_FAR < high < _FAR else [])
        column = "ts"
        bounds = [f"{column} >= {low!r}::double"] if math.isfinite(low) else []
        return bounds + ([f"{column} <= {high!r}::double"] if math.isfinite(high) else [])

    def _from_points(self, points: Mapping[str, Array], extents: Sequence[tuple[float, float]], width: float) -> Part:
        x = (points["step"] if self._x == "step" else points["ts"]).astype(np.float64)
        of_run = {run.id: position for position, run in enumerate(self._tracked)}
        position = mapped(points["run"], of_run)
        if self._x == "relative":
            x = x - np.array(self._begins)[position]
        curves = curve(points["run"], points["key"])
        if not self._open:
            lows, highs = np.array([low for low, _ in extents]), np.array([high for _, high in extents])
            inside = (x >= lows[position]) & (x <= highs[position])
            if self._log:
                inside &= x > 0
            if not inside.all():
                x, curves = x[inside], curves[inside]
                points = {name: column[inside] for name, column in points.items()}
        bucket = np.floor((np.log10(x) if self._log else x) / width).astype(np.int64)
        if not len(x):
            return {"curve": curves}
        return count(curves, bucket, x, points)

    def _records(self, extents: Sequence[tuple[float, float]]) -> list[int]:
        """``log()`` calls of each run within the range."""
        if self._open:
            return [run.records for run in self._tracked]
        found = []
        for position, (run, (low, high)) in enumerate(zip(self._tracked, extents, strict=True)):
            least, most = self._ends(position) if run.records else (math.inf, -math.inf)
            if low <= least and most <= high:
                found.append(run.records)
            elif not run.records or high < least or most < low:
                found.append(0)
            else:
                begin = self._begins[position] if self._x == "relative" else 0.0
                column = "step::double" if self._x == "step" else f"ts - {begin!r}::double"
                found.append(records_between(self._cursor, run, column, low, high))
        return found
