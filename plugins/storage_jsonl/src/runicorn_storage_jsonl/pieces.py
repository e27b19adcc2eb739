"""A long run in parts: its event files in the order of time, none of them in memory as a whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from runicorn.errors import StorageError
from runicorn.model.metric import Series

from .columns import Columns
from .events import event_files
from .figures import Figures, combined
from .lines import Lines, lines_at, moved
from .merging import Source, merged, part_of
from .records import parse
from .sealed import NAME, SealedFiles
from .sealedfile import SealedFile
from .tables import by_time, table
from .texts import Texts
from .times import Times, times_of

if TYPE_CHECKING:
    from runicorn.model.metric import RecordTable
    from runicorn.model.run import RunRef
    from runicorn.types import JSON

#: Bytes of event files from which on a run is long; some million values.
LONG = 128 << 20
#: Bytes of columns of one piece; a few million values.
PIECE = 32 << 20

#: What the event files of a run are known by: while it stays, so does what was read of them.
Mark: TypeAlias = tuple[Any, ...]


class Gathered(NamedTuple):
    """What is known of a long run without holding its records."""

    series: Sequence[Series]
    texts: Mapping[str, JSON]
    events: Sequence[dict[str, Any]]  # records of other types
    records: int  # ``log()`` calls
    low: int  # of their steps
    high: int


def mark_of(folder: Path) -> Mark | None:
    """None for a run that is not long."""
    sealed = SealedFiles(folder).look()
    size = sum(source.bytes for source in sealed.sources.values() if source.stream == "events")
    names = event_files(folder, sealed)
    found = []
    for name in [name for name in names if name not in sealed.sources] + ([NAME] if sealed.sources else []):
        about = os.stat(folder / name)  # noqa: PTH116 (a look at each call)
        found.append((name, about.st_ino, about.st_size, about.st_mtime_ns))
        size += about.st_size
    return (*names, *found) if size > LONG else None


def gathered(folder: Path) -> Gathered:
    """One pass over all records."""
    now = SealedFiles(folder)
    while True:  # once more where it was sealed, or brought back, while it was read
        sealed = now.look()
        try:
            found = _gathered([lines_at(folder, name, sealed) for name in event_files(folder, sealed)])
        except StorageError:
            if now.look() is sealed:
                raise
            continue
        if now.look() is sealed:
            return found


def _gathered(files: Sequence[Lines]) -> Gathered:
    parts: dict[str, list[Figures]] = {}
    texts, events = Texts(), []
    records, steps = 0, [0, 0]
    for file in files:
        filling = _Filling()
        for columns in filling.take(file, torn=True):
            for key, column in columns.keys.items():
                figures = Figures()
                figures.advance(columns, column)
                parts.setdefault(key, []).append(figures)
            texts.take(columns)
            events += columns.events
            if columns.step:
                steps = [min(columns.step), max(columns.step), *(steps if records else ())]
                records += len(columns)
    series = [combined(key, parts[key]) for key in sorted(parts)]
    return Gathered(series, texts.found(), events, records, min(steps), max(steps))


def timed(folder: Path) -> Mapping[str, Times]:
    """When the records of each event file were made."""
    now = SealedFiles(folder)
    while True:  # once more where it was sealed, or brought back, while it was read
        sealed = now.look()
        found = {name: times_of(lines_at(folder, name, sealed)) for name in event_files(folder, sealed)}
        if now.look() is sealed:
            return found


def pieces(ref: RunRef, folder: Path, keys: Sequence[str] | None, times: Mapping[str, Times]) -> Iterator[RecordTable]:
    """Tables of their own; see ``PieceReader``.

    A file whose clock went back is in memory as a whole while it is read; of others only a part.
    """
    sources = [
        Source(place, one.first, one.last, partial(_ordered, folder, name, one.ascending))
        for place, (name, one) in enumerate(times.items())
        if one.first <= one.last
    ]
    for parts in merged(sources, PIECE):
        yield table(ref, parts, keys, "step", (None, None), 0.0)


def _ordered(folder: Path, name: str, ascending: bool, size: int) -> Iterator[Columns]:
    parts = (columns for columns in _parts(folder, name, size if ascending else sys.maxsize) if len(columns))
    if ascending:
        yield from parts
        return
    for whole in parts:
        ordered = by_time(whole)
        rows = max(1, len(ordered) * size // max(1, ordered.size))
        yield from (part_of(ordered, at, min(at + rows, len(ordered))) for at in range(0, len(ordered), rows))


def parts_of(folder: Path) -> Iterator[Columns]:
    """One file after the other, each in the order of its lines."""
    for name in event_files(folder, SealedFiles(folder).look()):
        yield from _parts(folder, name, PIECE)


def _parts(folder: Path, name: str, size: int) -> Iterator[Columns]:
    now = SealedFiles(folder)
    filling, file = _Filling(size), lines_at(folder, name, now.look())
    yield from filling.take(file)
    yield from filling.take(moved(file, folder, name, now.look()), torn=True)


class _Filling:
    """Columns of one file, given away when they are full."""

    def __init__(self, size: int = PIECE) -> None:
        self._columns, self._size = Columns(), size

    def take(self, file: Lines, *, torn: bool = False) -> Iterator[Columns]:
        """:param torn: give what is left, and half a line at the end as it is: nothing follows."""
        segments = file.columns(lambda: self._columns) if isinstance(file, SealedFile) else None
        for _ in segments or ():
            yield from self._full()
        for piece in file.pieces():
            self._columns.add(parse(piece)[0])
            yield from self._full()
        if torn:
            if file.rest:
                self._columns.add(parse(file.torn() + b"\n")[0])
            yield from self._full(end=True)

    def _full(self, *, end: bool = False) -> Iterator[Columns]:
        if (end and (len(self._columns) or self._columns.events)) or self._columns.size >= self._size:
            full, self._columns = self._columns, Columns(self._columns.last)
            yield full
