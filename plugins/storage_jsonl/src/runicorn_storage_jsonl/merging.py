"""Event files of a long run as one sequence ordered by (ts, file, line), with a part of each in memory."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from .columns import Column, Columns

#: Bytes of a part, whatever else is read at the time.
_LEAST = 1 << 18


class Source(NamedTuple):
    """One file."""

    place: int  # among those of the run: of one time, the lower one's records come first
    first: float  # its earliest time
    last: float
    parts: Callable[[int], Iterator[Columns]]  # bytes of a part -> parts in the order of time


def merged(sources: Sequence[Source], size: int) -> Iterator[list[Columns]]:
    """Columns whose records, ordered by (time, place in the list, row), go on where those before have ended.

    :param size: bytes of a part of all files that are read at one time.
    """
    size = max(_LEAST, size // max(1, _at_one_time(sources)))
    waiting = sorted(sources, key=lambda source: (source.first, source.place), reverse=True)
    open_: list[_Open] = []
    while waiting or open_:
        if not open_ or (waiting and waiting[-1].first <= min(each.bound for each in open_)):
            source = waiting.pop()
            open_.append(_Open(source.place, source.parts(size)))
            open_ = sorted((each for each in open_ if each.held), key=lambda each: each.place)
            continue
        if len(open_) == 1 and (not waiting or open_[0].bound < waiting[-1].first):
            yield [open_[0].all()]
        else:
            bound = min(each.bound for each in open_)
            if found := [part for each in open_ if (part := each.before(bound)) is not None]:
                yield found
            for each in open_:
                if each.bound == bound:
                    each.more()
        open_ = [each for each in open_ if each.held]


def _at_one_time(sources: Sequence[Source]) -> int:
    """The most files whose times overlap."""
    edges = sorted([*((each.first, 0) for each in sources), *((each.last, 1) for each in sources)])
    most = now = 0
    for _, end in edges:
        now += -1 if end else 1
        most = max(most, now)
    return most


class _Open:
    """A file that is being read. What it has left is in ``held``; nothing left: it has ended."""

    def __init__(self, place: int, parts: Iterator[Columns]) -> None:
        self.place = place
        self._parts = parts
        self._at = 0
        self.held: Columns | None = next(parts, None)
        self.bound = math.inf
        self._look_ahead()

    def _look_ahead(self) -> None:
        """One part beyond the one that is held, to know whether there is one."""
        self._next = next(self._parts, None)
        self.bound = math.inf if self._next is None or self.held is None else self.held.ts[-1]

    def all(self) -> Columns:
        """Everything that is held; the next part is held then."""
        assert self.held is not None
        found = self.held if not self._at else part_of(self.held, self._at, len(self.held))
        self.held, self._at = self._next, 0
        self._look_ahead()
        return found

    def before(self, bound: float) -> Columns | None:
        """What is held and has a time below the bound; None for nothing."""
        held = self.held
        assert held is not None
        begin, self._at = self._at, len(held) if bound == math.inf else bisect_left(held.ts, bound, self._at)
        found = part_of(held, begin, self._at) if self._at > begin else None
        if self._at == len(held):
            self.held, self._at = None, 0
        return found

    def more(self) -> None:
        """Hold the next part too, behind the rest of this one."""
        if self.held is not None and self._next is not None:
            self.held, self._at = _joined(part_of(self.held, self._at, len(self.held)), self._next), 0
            self._look_ahead()


def part_of(columns: Columns, begin: int, end: int) -> Columns:
    """Some rows as columns of their own."""
    if (begin, end) == (0, len(columns)):
        return columns
    part = Columns()
    part.step, part.ts = columns.step[begin:end], columns.ts[begin:end]
    part.stage = None if columns.stage is None else columns.stage[begin:end]
    for key, column in columns.keys.items():
        if column.rows is None:
            values, rows = column.values[begin:end], None
        else:
            first, last = bisect_left(column.rows, begin), bisect_left(column.rows, end)
            values, rows = column.values[first:last], array("q", (row - begin for row in column.rows[first:last]))
        if values:
            own = part.keys[key] = Column()
            own.values, own.rows = values, rows
    for key, found in columns.other.items():
        if inside := {row - begin: value for row, value in found.items() if begin <= row < end}:
            part.other[key] = inside
    return part


def _joined(first: Columns, second: Columns) -> Columns:
    blocks = [
        (key, range(len(column.values)) if column.rows is None else column.rows, column.values)
        for key, column in second.keys.items()
    ]
    whole = part_of(first, 0, len(first))
    base = len(whole)
    whole.add_columns(second.step, second.ts, second.stage, blocks, ())
    for key, found in second.other.items():
        whole.other.setdefault(key, {}).update({base + row: value for row, value in found.items()})
    return whole
