"""When the records of an event file were made, and whether they stand in that order: a quick look at each line."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from math import inf, isfinite
from typing import NamedTuple

from .columns import Columns
from .lines import Lines, same_lines
from .records import parse
from .sealedfile import SealedFile

_HEAD = b'{"ts":'


class Times(NamedTuple):
    """Of one file."""

    first: float  # inf: it has no record
    last: float
    ascending: bool


def times_of(file: Lines) -> Times:
    """Reads the file from its first line on; its position does not change."""
    file = same_lines(file)
    if not isinstance(file, SealedFile):
        try:
            return _joined(map(_quick, _with_torn(file)))
        except ValueError:
            file = same_lines(file)  # a line that begins in another way: all of them have to be understood
    return _joined(_of(columns) for columns in _columns(file))


def _with_torn(file: Lines) -> Iterator[bytes]:
    yield from file.pieces()
    if file.rest:
        yield file.torn() + b"\n"


def _quick(piece: bytes) -> Times:
    """:raises ValueError: one of the lines does not begin with its time."""
    lines = piece[:-1].split(b"\n")
    if not all([line.startswith(_HEAD) for line in lines]):  # noqa: C419 (a third quicker)
        raise ValueError
    times = [float(line[6 : line.index(b",", 6)]) for line in lines]
    if not isfinite(sum(times)):
        raise ValueError
    return _ends(times, times == sorted(times))


def _columns(file: Lines) -> Iterator[Columns]:
    last = (0.0, 0)
    if isinstance(file, SealedFile):
        yield from file.columns(Columns) or ()
    for piece in _with_torn(file):
        columns = Columns(last)
        columns.add(parse(piece)[0])
        last = columns.last
        yield columns


def _of(columns: Columns) -> Times:
    return _ends(columns.ts, columns.ascending)


def _ends(times: list[float] | array[float], ascending: bool) -> Times:
    if not times:
        return Times(inf, -inf, ascending)
    return Times(times[0], times[-1], True) if ascending else Times(min(times), max(times), False)


def _joined(parts: Iterator[Times]) -> Times:
    first, last, ascending = inf, -inf, True
    for part in parts:
        ascending = ascending and part.ascending and part.first >= last
        first, last = min(first, part.first), max(last, part.last)
    return Times(first, last, ascending)
