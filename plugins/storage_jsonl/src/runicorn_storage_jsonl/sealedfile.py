"""Files that were sealed, behind the face of files that grow: the same lines at the same positions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from runicorn.types import JSON

from .columns import Columns
from .parquet import LogRows, event_lines
from .sealed import Sealed
from .sealedcolumns import add_segment

_BATCH = 2048
_MARK = "sealed"


class SealedFile:
    """A position in a file that was sealed. One thread at a time.

    :param offset: where a reader of the file itself stood.
    """

    def __init__(self, folder: Path, name: str, sealed: Sealed, offset: int = 0) -> None:
        self.path = folder / name
        self.name = name
        self.generation = 1  # a sealed file is never replaced
        self.offset = offset
        self._folder = folder
        self.sealed = sealed
        self._source = sealed.sources[name]
        self._half: bytes | None = None if self._source.torn else b""
        self._end = self._source.bytes - self._source.torn
        self._rows: list[tuple[LogRows, int, int, int]] | None = None  # with group, first row there, rows
        self._cached: tuple[LogRows, int, list[bytes]] | None = None

    @property
    def rest(self) -> int:
        """Bytes behind the last newline."""
        return self._source.torn

    def pieces(self) -> Iterator[bytes]:
        """Whole lines behind the position, many at a time."""
        if self.untouched():
            return
        position = 0
        for piece in self._pieces():
            begin, position = position, position + len(piece)
            if position > self.offset:
                yield piece[max(0, self.offset - begin) :]
                self.offset = position

    def torn(self) -> bytes:
        """What stands behind the last newline."""
        if self._half is None:
            for _ in self._pieces():
                pass
        return self._half or b""

    def again(self) -> SealedFile:
        """The same file from its first line on."""
        return SealedFile(self._folder, self.name, self.sealed)

    def begin_again(self) -> None:
        """Read everything once more at the next look."""
        self.offset = 0

    def columns(self, into: Callable[[], Columns]) -> Iterator[Columns] | None:
        """An event file from its first line on, a segment at a time; None where lines have to be read one by one.

        :param into: gives what the next segment is added to.
        """
        odd = any(segment.irregular or "keys" in segment.paths for segment in self.sealed.segments)
        if self._source.torn or self.offset or odd:  # with thousands of keys, work for each key would be most of it
            return None
        return self._columns(into)

    def _columns(self, into: Callable[[], Columns]) -> Iterator[Columns]:
        for segment in self.sealed.segments:
            columns = into()
            if add_segment(columns, self._folder, segment, self.name):
                yield columns
        self.offset = self._source.bytes

    def mark(self) -> list[JSON]:
        """The position, to be kept outside of this process."""
        return [_MARK, self.offset]

    def resume(self, mark: Sequence[JSON]) -> None:
        """Go on from a mark; one that was made in the file itself, at its end, holds too.

        :raises ValueError: it is none of this file.
        """
        if len(mark) == 2:
            kind, offset = mark
            fits = kind == _MARK
        else:
            *_, size, _, offset, _, proof = mark
            at_end = (size, offset) == (self._source.bytes, self._end)
            fits = at_end and isinstance(proof, str) and proof != "" and self._source.tail.endswith(proof)
        if not fits or not isinstance(offset, int):
            raise ValueError("this mark was made elsewhere, or before the end of the file")
        self.offset = offset
        self.generation = 0

    def untouched(self) -> bool:
        """Whether nothing is there behind the position."""
        return self.offset >= self._end

    def holds(self) -> bool:
        """Whether what was read still stands in the file."""
        return True

    def to_end(self) -> None:
        """Skip the lines."""
        self.offset = self._end

    def read(self, first: int, last: int) -> list[bytes]:
        """Lines of a log by their numbers, without their newlines."""
        lines: list[bytes] = []
        at = 0
        for rows, group, begin, count in self._log_rows():
            if at < last and at + count > first:
                inside = self._group(rows, group)
                lines += inside[begin + max(0, first - at) : begin + min(count, last - at)]
            at += count
        return lines

    def _pieces(self) -> Iterator[bytes]:
        lines = self._log_lines() if self._source.stream == "logs" else self._event_lines()
        left = self._source.lines
        while batch := list(islice(lines, _BATCH)):
            left -= len(batch)
            if not left and self._source.torn:
                self._half = batch.pop()
            if batch:
                yield b"\n".join(batch) + b"\n"

    def _event_lines(self) -> Iterator[bytes]:
        for segment in self.sealed.segments:
            yield from event_lines(self._folder, segment.paths, self.name)

    def _log_lines(self) -> Iterator[bytes]:
        for rows, group, begin, count in self._log_rows():
            yield from self._group(rows, group)[begin : begin + count]

    def _group(self, rows: LogRows, group: int) -> list[bytes]:
        if self._cached is None or self._cached[:2] != (rows, group):
            self._cached = rows, group, rows.lines(group)
        return self._cached[2]

    def _log_rows(self) -> list[tuple[LogRows, int, int, int]]:
        if self._rows is None:
            found = []
            for segment in self.sealed.segments:
                if "logs" not in segment.paths:
                    continue
                rows = LogRows(self._folder, segment.paths["logs"])
                for group in range(len(rows.sizes)):
                    files = rows.files(group)
                    if count := files.count(self.name):
                        found.append((rows, group, files.index(self.name), count))
            self._rows = found
        return self._rows
