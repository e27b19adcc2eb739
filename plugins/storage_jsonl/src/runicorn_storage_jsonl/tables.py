"""The event files of a run as one table, ordered by (ts, file, line)."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from runicorn.model.metric import KeyColumn, RecordTable

from .columns import Column, Columns

if TYPE_CHECKING:
    from runicorn.model.run import RunRef
    from runicorn.types import JSON

Range: TypeAlias = tuple[float | None, float | None]


def table(
    ref: RunRef, files: Sequence[Columns], keys: Sequence[str] | None, x: str, range_: Range, started_at: float
) -> RecordTable:
    """A table of its own: nothing of it changes when the run grows."""
    files = [columns for columns in files if len(columns)]
    if keys is None:
        keys = sorted({key for columns in files for key in columns.keys})
    begin = origin(files, started_at)
    picks = [_pick(columns, x, range_, begin) for columns in files]
    building = _Building(keys)
    for columns, pick in zip(files, picks, strict=True):
        building.add(columns, pick)
    building.order()
    return building.table(ref)


def by_time(columns: Columns) -> Columns:
    """The same records in the order of time; those of one time stay in the order of their lines."""
    order, place = _order(columns.ts)
    found = Columns()
    found.step, found.ts = (
        array("q", map(columns.step.__getitem__, order)),
        array("d", map(columns.ts.__getitem__, order)),
    )
    found.stage = None if columns.stage is None else list(map(columns.stage.__getitem__, order))
    for key, column in columns.keys.items():
        own = found.keys[key] = Column()
        own.values, own.rows = column.values, column.rows
        _reorder(own, order, place)
    for key, others in columns.other.items():
        found.other[key] = dict(sorted((place[row], value) for row, value in others.items()))
    return found


def origin(files: Sequence[Columns], started_at: float) -> float:
    """Where relative time begins: the run's start, or its first record where clocks put that before it."""
    firsts = (columns.ts[0] if columns.ascending else min(columns.ts) for columns in files if len(columns))
    return min(started_at, min(firsts, default=started_at))


def _pick(columns: Columns, x: str, range_: Range, begin: float) -> Sequence[int]:
    """The rows whose x lies in the range."""
    low = -math.inf if range_[0] is None else range_[0]
    high = math.inf if range_[1] is None else range_[1]
    if range_ == (None, None):
        return range(len(columns))
    if x == "step":
        return [row for row, step in enumerate(columns.step) if low <= step <= high]
    if x in ("wall", "relative"):
        offset = begin if x == "relative" else 0.0
        return [row for row, ts in enumerate(columns.ts) if low <= ts - offset <= high]
    column = columns.keys.get(x)
    if column is None:
        return []
    return [row for row, value in zip(_rows(column), column.values, strict=True) if low <= value <= high]


class _Building:
    def __init__(self, keys: Sequence[str]) -> None:
        self.step: array[int] = array("q")
        self.ts: array[float] = array("d")
        self.stage: list[str | None] = []
        self.columns: dict[str, Column] = {key: Column() for key in keys}
        self.other: dict[str, dict[int, JSON]] = {}
        self._ordered = True

    def add(self, columns: Columns, pick: Sequence[int]) -> None:
        if not pick:
            return
        base = len(self.step)
        whole = isinstance(pick, range)
        ts = columns.ts if whole else array("d", map(columns.ts.__getitem__, pick))
        self._ordered = self._ordered and columns.ascending and (not base or self.ts[-1] <= ts[0])
        self.ts.extend(ts)
        self.step.extend(columns.step if whole else array("q", map(columns.step.__getitem__, pick)))
        if columns.stage is not None:
            self.stage += [None] * (base - len(self.stage))
            self.stage += columns.stage if whole else map(columns.stage.__getitem__, pick)
        places = None if whole else {row: base + place for place, row in enumerate(pick)}
        for key, column in self.columns.items():
            if key in columns.keys:
                _add_column(column, columns.keys[key], places, base)
            for row, value in columns.other.get(key, {}).items():
                place = base + row if places is None else places.get(row)
                if place is not None:
                    self.other.setdefault(key, {})[place] = value

    def order(self) -> None:
        """Order by time; rows of one time stay in the order of their files and lines."""
        if self.stage:
            self.stage += [None] * (len(self.step) - len(self.stage))
        if self._ordered:
            return
        order, place = _order(self.ts)
        self.ts = array("d", map(self.ts.__getitem__, order))
        self.step = array("q", map(self.step.__getitem__, order))
        self.stage = [self.stage[row] for row in order] if self.stage else []
        for column in self.columns.values():
            _reorder(column, order, place)
        self.other = {key: dict(sorted((place[row], v) for row, v in rows.items())) for key, rows in self.other.items()}

    def table(self, ref: RunRef) -> RecordTable:
        count = len(self.step)
        columns = {
            key: KeyColumn(column.values, None if len(column.values) == count else array("q", _rows(column)))
            for key, column in self.columns.items()
            if column.values
        }
        return RecordTable(ref, self.step, self.ts, self.stage, columns, self.other)


def _rows(column: Column) -> Sequence[int]:
    return range(len(column.values)) if column.rows is None else column.rows


def _add_column(target: Column, column: Column, places: dict[int, int] | None, base: int) -> None:
    rows = _rows(column)
    if places is None:
        moved = range(base, base + len(rows)) if isinstance(rows, range) else [base + row for row in rows]
        target.extend(moved, column.values)
        return
    kept = [(places[row], value) for row, value in zip(rows, column.values, strict=True) if row in places]
    if kept:
        target.extend([row for row, _ in kept], array("d", (value for _, value in kept)))


def _order(ts: array[float]) -> tuple[list[int], array[int]]:
    """The rows in the order of time, and where each of them comes then."""
    order = sorted(range(len(ts)), key=ts.__getitem__)
    place = array("q", bytes(8 * len(order)))
    for new, old in enumerate(order):
        place[old] = new
    return order, place


def _reorder(column: Column, order: Sequence[int], place: Sequence[int]) -> None:
    if len(column.values) == len(order):
        column.values = array("d", map(column.values.__getitem__, order))
        return
    pairs = sorted(zip(map(place.__getitem__, _rows(column)), column.values, strict=True), key=itemgetter(0))
    column.rows = array("q", (row for row, _ in pairs))
    column.values = array("d", (value for _, value in pairs))
