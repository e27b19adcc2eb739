"""A long run in parts: its event files one after the other, none of them in memory as a whole."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from runicorn.errors import StorageError
from runicorn.model.metric import Series

from .columns import Columns
from .events import begun, event_files
from .figures import Figures, combined
from .lines import Lines, lines_at, moved
from .records import parse
from .sealed import NAME, SealedFiles
from .sealedfile import SealedFile
from .tables import table
from .texts import Texts

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


def pieces(ref: RunRef, folder: Path, keys: Sequence[str] | None) -> Iterator[RecordTable]:
    """Tables of their own; see ``PieceReader``."""
    for columns in parts_of(folder):
        yield table(ref, [columns], keys, "step", (None, None), 0.0)


def parts_of(folder: Path) -> Iterator[Columns]:
    """Files in the order of their first record, each in the order of its lines."""
    now = SealedFiles(folder)
    for file in begun(folder):
        filling = _Filling()
        yield from filling.take(file)
        yield from filling.take(moved(file, folder, file.name, now.look()), torn=True)


class _Filling:
    """Columns of one file, given away when they are full."""

    def __init__(self) -> None:
        self._columns = Columns()

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
        if (end and (len(self._columns) or self._columns.events)) or self._columns.size >= PIECE:
            full, self._columns = self._columns, Columns(self._columns.last)
            yield full
