"""What the event files of a run told since a position that was kept, perhaps by another process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from runicorn.errors import StorageError
from runicorn.model.increment import RecordBlock
from runicorn.model.metric import KeyColumn
from runicorn.types import JSON

from .columns import Columns
from .events import event_files
from .failures import mapped
from .lines import Lines, lines_at
from .records import parse
from .sealed import Sealed, SealedFiles
from .sealedfile import SealedFile

#: ``log()`` calls of one block, roughly: temporaries of whoever takes it stay small.
_ROWS = 1 << 15
#: Bytes of lines of one block, roughly, where records hold thousands of keys.
_BYTES = 16 << 20


class _Place(NamedTuple):
    """Where reading of one file goes on."""

    file: Lines
    records: int = 0
    before: tuple[float, int] = (0.0, 0)
    resumed: bool = False
    torn: int = 0  # bytes behind the last newline that were taken as they were: nothing was expected to follow


class JsonlIncrement:
    """See ``Increment``."""

    def __init__(self, folder: Path, position: JSON, ended: Callable[[], bool]) -> None:
        self._folder = folder
        self._ended = ended
        sealed = SealedFiles(folder).look()
        names = event_files(folder, sealed)
        kept = _resumed(folder, position, sealed)
        known = [place.file.name for place in kept]
        self.changed = names != known or not all(place.file.untouched() for place in kept) or not _settled(kept, ended)
        unread = position is None or (bool(position) and not kept)  # no position, or not one of these files
        self.whole = unread or not self._fit(kept, names, known)
        start = [] if self.whole else kept
        self._places = [*start, *(_Place(lines_at(folder, name, sealed)) for name in names[len(start) :])]

    def _fit(self, kept: Sequence[_Place], names: Sequence[str], known: Sequence[str]) -> bool:
        if not self.changed:
            return True
        if names[: len(known)] != known:
            return False
        with mapped("reading", self._folder):
            return all(place.file.untouched() or (not place.torn and place.file.holds()) for place in kept)

    def blocks(self) -> Iterator[RecordBlock]:
        with mapped("reading", self._folder):
            for index, place in enumerate(self._places):
                if place.file.untouched() and (place.torn or not place.file.rest):
                    continue
                yield from self._read(index, place)

    def _read(self, index: int, place: _Place) -> Iterator[RecordBlock]:
        file, records = place.file, place.records
        columns = Columns(place.before)
        if isinstance(file, SealedFile):

            def next_block() -> Columns:
                nonlocal columns
                columns = Columns(columns.last)
                return columns

            for block in file.columns(next_block) or ():
                yield _block(index, records, block)
                records += len(block)
            next_block()
        taken = 0
        for piece in file.pieces():
            if file.generation > (0 if place.resumed else 1):
                raise StorageError("reading", str(file.path), "it was replaced meanwhile")
            columns.add(parse(piece)[0])
            taken += len(piece)
            if len(columns) >= _ROWS or taken >= _BYTES:
                yield _block(index, records, columns)
                records, columns, taken = records + len(columns), Columns(columns.last), 0
        torn = 0
        if file.rest and self._ended():
            rest = file.torn()
            columns.add(parse(rest + b"\n")[0])
            torn = len(rest)
        if len(columns) or columns.events:
            yield _block(index, records, columns)
        self._places[index] = _Place(file, records + len(columns), columns.last, resumed=True, torn=torn)

    def position(self) -> JSON:
        return [
            [place.file.name, place.file.mark(), place.records, *place.before, place.torn] for place in self._places
        ]


def _settled(kept: Sequence[_Place], ended: Callable[[], bool]) -> bool:
    """Whether no half line waits for being taken as it is, now that nobody writes any more."""
    return not any(not place.torn and place.file.rest for place in kept) or not ended()


def _resumed(folder: Path, position: JSON, sealed: Sealed) -> list[_Place]:
    """The places of a position; none where it is not one."""
    places: list[_Place] = []
    try:
        for name, mark, records, ts, step, torn in position or ():  # type: ignore[union-attr, misc]
            file = lines_at(folder, name, sealed)  # type: ignore[arg-type]
            file.resume(mark)  # type: ignore[arg-type]
            places.append(_Place(file, records, (ts, step), True, torn))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return []
    return places


def _block(index: int, line: int, columns: Columns) -> RecordBlock:
    return RecordBlock(
        file=index,
        line=line,
        step=columns.step,
        ts=columns.ts,
        stage=columns.stage or (),
        columns={key: KeyColumn(column.values, column.rows) for key, column in columns.keys.items()},
        other=columns.other,
        events=columns.events,
    )
