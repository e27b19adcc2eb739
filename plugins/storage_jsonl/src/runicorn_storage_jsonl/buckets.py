"""Curves in buckets: every run on a grid of its own first, then all on the one that they share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from runicorn.errors import InvalidArgument
from runicorn.model.grid import halvings, width_for
from runicorn.model.metric import BucketTable

from .coarse import coarse_curves
from .failures import mapped
from .partial import Floats, Ints, Part, count, join
from .tables import Range, origin

if TYPE_CHECKING:
    from .columns import Columns
    from .pieces import Gathered
    from .reader import JsonlReader

#: Rows at a time: temporaries stay in the cache, and other threads get their turn.
_ROWS = 1 << 16
_FLOATS = ("x_first", "x_last", "first", "min", "max", "last", "mean", "ts_first")
_INTS = ("bucket", "step_first", "n", "n_nan", "n_posinf", "n_neginf")


class _Curves(NamedTuple):
    """The keys of one run on its own grid."""

    parts: dict[str, Part]
    low: float  # of x, as the grid has it
    high: float
    width: float
    records: int


def read_buckets(
    readers: Sequence[JsonlReader],
    keys: Sequence[str] | None,
    x: str,
    range_: Range,
    buckets: int,
    log_x: bool,
) -> BucketTable:
    """See ``Store.read_buckets``."""
    if buckets < 1:
        raise InvalidArgument("buckets", buckets, "must be at least 1")
    axis = _Axis(x, range_, buckets, log_x)
    curves = []
    over_steps = x == "step" and range_ == (None, None) and not log_x
    for reader in readers:  # one after the other: only one run's columns need to be in memory
        coarse = None
        if keys is not None and over_steps:
            with mapped("reading", reader.folder):
                coarse = coarse_curves(reader.folder, list(dict.fromkeys(keys)), buckets)
        if coarse is not None:
            curves.append(_Curves(*coarse))
        elif over_steps and (gathered := reader.gathered()) is not None:  # of a long run, not even those
            curves.append(axis.in_parts(reader.parts(), keys, gathered))
        else:
            with reader.columns() as files:
                curves.append(axis.curves(files, keys, reader.started_at))
    shown = [curve for curve in curves if curve.low <= curve.high]
    low, high = min((c.low for c in shown), default=0.0), max((c.high for c in shown), default=0.0)
    width = width_for(low, high, buckets)
    names = sorted({key for curve in curves for key in curve.parts}) if keys is None else list(keys)
    return BucketTable(
        runs=[reader.ref for reader in readers],
        keys=names,
        columns=_columns(curves, names, width),
        origin=0.0,
        width=width,
        records=[curve.records for curve in curves],
    )


def _columns(curves: Sequence[_Curves], names: Sequence[str], width: float) -> dict[str, Floats | Ints]:
    parts: list[Part] = []
    runs: list[int] = []
    keys: list[int] = []
    for run, curve in enumerate(curves):
        for key, name in enumerate(names):
            if name in curve.parts:
                parts.append(_widened(curve.parts[name], curve.width, width))
                runs.append(run)
                keys.append(key)
    sizes = [len(part["bucket"]) for part in parts]
    columns: dict[str, Floats | Ints] = {
        "run": np.repeat(np.array(runs, np.int32), sizes),  # type: ignore[dict-item]  # int32 is what the table says
        "key": np.repeat(np.array(keys, np.int32), sizes),  # type: ignore[dict-item]
    }
    for name, kind in (*((name, np.float64) for name in _FLOATS), *((name, np.int64) for name in _INTS)):
        columns[name] = np.concatenate([part[name] for part in parts]) if parts else np.empty(0, kind)
    empty = columns["n"] == 0
    for name in ("min", "max", "mean"):
        columns[name][empty] = np.nan
    return columns


def _widened(part: Part, own: float, width: float) -> Part:
    if width == math.inf and own != width:  # one bucket, asked of steps below and above zero
        return join([{**part, "bucket": np.zeros_like(part["bucket"])}], 1)
    return join([part], halvings(own, width))


class _Axis:
    """What x is, and which part of it is asked for."""

    def __init__(self, x: str, range_: Range, buckets: int, log_x: bool) -> None:
        self._x, self._range, self._buckets, self._log = x, range_, buckets, log_x

    def curves(self, files: Sequence[Columns], keys: Sequence[str] | None, started_at: float) -> _Curves:
        files = [columns for columns in files if len(columns)]
        begin = origin(files, started_at)
        low, high = self._extent(files, begin)
        if not low <= high:
            return _Curves({}, math.inf, -math.inf, 1.0, 0)
        width = width_for(self._scaled(low), self._scaled(high), self._buckets)
        records = 0
        found: dict[str, list[Part]] = {}
        for columns in files:
            for name, part in self._parts(columns, keys, begin, (low, high), width):
                found.setdefault(name, []).append(part)
            records += self._records(columns, begin, low, high)
        parts = {name: join(pieces) for name, pieces in found.items()}
        return _Curves(parts, self._scaled(low), self._scaled(high), width, records)

    def in_parts(self, parts: Iterable[Columns], keys: Sequence[str] | None, gathered: Gathered) -> _Curves:
        """Over all steps, of a run whose ends are known."""
        if not gathered.records:
            return _Curves({}, math.inf, -math.inf, 1.0, 0)
        low, high = float(gathered.low), float(gathered.high)
        width = width_for(low, high, self._buckets)
        found: dict[str, Part] = {}
        for columns in parts:
            pieces = {name: [part] for name, part in found.items()}
            for name, part in self._parts(columns, keys, 0.0, (low, high), width):
                pieces.setdefault(name, []).append(part)
            found = {name: join(several) for name, several in pieces.items()}
        return _Curves(found, low, high, width, gathered.records)

    def _scaled(self, x: float) -> float:
        return math.log10(x) if self._log else x

    def _values(self, columns: Columns) -> Floats | Ints:
        """x of every row, before ``_piece`` has made it relative; NaN where a row has none."""
        if self._x == "step":
            return np.frombuffer(columns.step, np.int64)
        if self._x in ("wall", "relative"):
            return np.frombuffer(columns.ts, np.float64)
        values: Floats = np.full(len(columns), np.nan)
        column = columns.keys.get(self._x)
        if column is not None:
            figures = np.frombuffer(column.values, np.float64)
            rows = slice(len(figures)) if column.rows is None else np.frombuffer(column.rows, np.int64)
            values[rows] = np.where(np.isfinite(figures), figures, np.nan)
        return values

    def _piece(self, values: Floats | Ints, rows: slice | Ints, begin: float) -> Floats:
        x: Floats = values[rows].astype(np.float64, copy=False)
        return x - begin if self._x == "relative" else x

    def _extent(self, files: Sequence[Columns], begin: float) -> tuple[float, float]:
        """The asked range, with the ends of the data where it is open."""
        low, high = self._range
        if self._log and low is not None and low <= 0:
            low = None
        if low is not None and high is not None:
            return low, high
        least, most = math.inf, -math.inf
        for columns in files:
            values = self._values(columns)
            for at in range(0, len(values), _ROWS):
                x = self._piece(values, slice(at, at + _ROWS), begin)
                x = x[x > 0] if self._log else x
                if len(x):
                    least, most = float(np.fmin(least, np.fmin.reduce(x))), float(np.fmax(most, np.fmax.reduce(x)))
        return least if low is None else low, most if high is None else high

    def _records(self, columns: Columns, begin: float, low: float, high: float) -> int:
        if self._range == (None, None) and not self._log and self._x in ("step", "wall", "relative"):
            return len(columns)
        values = self._values(columns)
        pieces = (self._piece(values, slice(at, at + _ROWS), begin) for at in range(0, len(values), _ROWS))
        return sum(int(np.count_nonzero((x >= low) & (x <= high))) for x in pieces)

    def _parts(
        self, columns: Columns, keys: Sequence[str] | None, begin: float, bounds: tuple[float, float], width: float
    ) -> Iterator[tuple[str, Part]]:
        x_all = self._values(columns)
        ts_all, step_all = np.frombuffer(columns.ts, np.float64), np.frombuffer(columns.step, np.int64)
        for rows_all, names in _alike(columns, keys):
            arrays = {name: np.frombuffer(columns.keys[name].values, np.float64) for name in names}
            for at in range(0, len(arrays[names[0]]), _ROWS):
                piece = slice(at, at + _ROWS)
                rows = piece if rows_all is None else rows_all[piece]
                x, ts, step = self._piece(x_all, rows, begin), ts_all[rows], step_all[rows]
                x = x[: len(arrays[names[0]][piece])]
                kept = _order(x, ts[: len(x)], bounds, ordered_times=columns.ascending)
                if kept is not None and not len(kept):
                    continue
                if kept is not None:
                    x, ts, step = x[kept], ts[kept], step[kept]
                bucket = np.floor((np.log10(x) if self._log else x) / width).astype(np.int64)
                starts = np.flatnonzero(np.append(True, bucket[1:] != bucket[:-1]))
                for name in names:
                    values = arrays[name][piece]
                    yield name, count(bucket, starts, x, ts, step, values if kept is None else values[kept])


def _order(x: Floats, ts: Floats, bounds: tuple[float, float], *, ordered_times: bool) -> Ints | None:
    """Positions of the rows within the bounds, ordered by (x, ts); None when that is all of them as they are."""
    inside = (x >= bounds[0]) & (x <= bounds[1])  # false for NaN
    everything = bool(inside.all())
    if everything and ordered_times and bool((x[1:] >= x[:-1]).all()):
        return None
    kept = np.flatnonzero(inside)
    order = np.lexsort((ts[kept], x[kept]))
    return kept[order]


def _alike(columns: Columns, keys: Sequence[str] | None) -> Iterator[tuple[Ints | None, list[str]]]:
    """Keys grouped by the rows that have them; what follows from the rows is worked out once for a group."""
    groups: list[tuple[Ints | None, int, list[str]]] = []
    for name in columns.keys if keys is None else dict.fromkeys(keys):
        column = columns.keys.get(name)
        if column is None:
            continue
        rows = None if column.rows is None else np.frombuffer(column.rows, np.int64)
        for others, size, names in groups:
            if size == len(column.values) and (
                rows is others or (rows is not None and others is not None and np.array_equal(rows, others))
            ):
                names.append(name)
                break
        else:
            groups.append((rows, len(column.values), [name]))
    for rows, _, names in groups:
        yield rows, names
