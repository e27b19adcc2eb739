"""Reading files that grow: each byte once, in pieces, up to the last newline."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path

from runicorn.types import JSON

#: Small enough that parsing a piece keeps the interpreter for half a millisecond, and that what comes of it stays in
#: the processor's cache until it stands in columns.
PIECE = 1 << 16
#: Read at once. Each call of the system lets the interpreter go and takes it back: at every piece, that would wake the
#: threads that wait for it too early each time, and they would never ask for it by force.
AHEAD = 1 << 20
_PROOF = 64


class GrowingFile:
    """A position in a file that somebody appends to. One thread at a time.

    What was read is known by the file's identity and by the bytes before the position: a file that was replaced,
    cut or rewritten is read again from its start, and ``generation`` counts that.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self.generation = 0
        self.offset = 0  # behind the last newline that was read
        self.rest = 0  # bytes behind it, when the file was looked at last
        self._identity = (0, 0)
        self._seen = (0, 0)
        self._proof = b""

    def pieces(self) -> Iterator[bytes]:
        """New whole lines, many at a time. The position moves when the next piece is asked for.

        A file that is gone has nothing new.

        :raises OSError: the file cannot be read.
        """
        with suppress(FileNotFoundError), open(self.path, "rb", buffering=0) as file:
            found = os.fstat(file.fileno())
            if not self._same(file, found):
                self._begin_again((found.st_dev, found.st_ino))
            if (found.st_size, found.st_mtime_ns) != self._seen:
                yield from self._read(file, found.st_size)
                self._seen = (found.st_size, found.st_mtime_ns)

    def to_end(self) -> None:
        """Skip the lines that are whole now, without reading all of them."""
        with suppress(FileNotFoundError), open(self.path, "rb", buffering=0) as file:
            found = os.fstat(file.fileno())
            self._begin_again((found.st_dev, found.st_ino))
            end = found.st_size
            while end > 0:
                begin = max(0, end - PIECE)
                newline = _at(file, begin, end - begin).rfind(b"\n")
                if newline >= 0:
                    self.offset = begin + newline + 1
                    self._proof = _at(file, max(0, self.offset - _PROOF), min(_PROOF, self.offset))
                    return
                end = begin

    def mark(self) -> list[JSON]:
        """The position, to be kept outside of this process."""
        return [*self._identity, *self._seen, self.offset, self.rest, self._proof.decode("latin-1")]

    def resume(self, mark: Sequence[JSON]) -> None:
        """Go on from a mark.

        :raises ValueError: it is none (or TypeError).
        """
        device, inode, size, changed, offset, rest, proof = mark
        self._identity, self._seen = (_int(device), _int(inode)), (_int(size), _int(changed))
        self.offset, self.rest, self._proof = _int(offset), _int(rest), str(proof).encode("latin-1")

    def untouched(self) -> bool:
        """Whether the file is as it was when it was looked at last; a look at its size and time, without opening it."""
        try:
            found = os.stat(self.path)  # noqa: PTH116 (called for thousands of files)
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == self._identity and (found.st_size, found.st_mtime_ns) == self._seen

    def holds(self) -> bool:
        """Whether what was read still stands in the file.

        :raises OSError: the file cannot be read.
        """
        try:
            with open(self.path, "rb", buffering=0) as file:
                return self._same(file, os.fstat(file.fileno()))
        except FileNotFoundError:
            return False

    def continue_at(self, offset: int) -> None:
        """Take the lines before ``offset`` as read: the same ones were read elsewhere."""
        with suppress(FileNotFoundError), open(self.path, "rb", buffering=0) as file:
            found = os.fstat(file.fileno())
            self._begin_again((found.st_dev, found.st_ino))
            self.offset = offset
            self._proof = _at(file, max(0, offset - _PROOF), min(_PROOF, offset))

    def begin_again(self) -> None:
        """Read everything once more at the next look."""
        self._begin_again((0, 0))

    def _begin_again(self, identity: tuple[int, int]) -> None:
        self.generation += 1
        self.offset = self.rest = 0
        self._identity, self._seen, self._proof = identity, (0, 0), b""

    def _same(self, file: FileIO, found: os.stat_result) -> bool:
        if (found.st_dev, found.st_ino) != self._identity or found.st_size < self.offset:
            return False
        return _at(file, self.offset - len(self._proof), len(self._proof)) == self._proof

    def _read(self, file: FileIO, until: int) -> Iterator[bytes]:
        size = PIECE
        while ahead := _at(file, self.offset, max(size, min(AHEAD, until - self.offset))):
            whole = ahead.rfind(b"\n") + 1
            if whole:
                yield from self._split(ahead, whole)
                size = PIECE
            elif len(ahead) >= size:
                size = len(ahead) * 4  # one line longer than that
            else:
                break
        self.rest = len(ahead)

    def _split(self, ahead: bytes, whole: int) -> Iterator[bytes]:
        begin = 0
        while begin < whole:
            end = ahead.rfind(b"\n", begin, begin + PIECE) + 1 or ahead.find(b"\n", begin) + 1
            yield ahead[begin:end]
            self.offset += end - begin
            self._proof = ahead[max(0, end - _PROOF) : end]
            begin = end

    def torn(self) -> bytes:
        """What stands behind the last newline."""
        try:
            with open(self.path, "rb") as file:
                file.seek(self.offset)
                return file.read()
        except FileNotFoundError:
            return b""


def _int(value: JSON) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _at(file: FileIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


def names_below(folder: Path) -> list[str]:
    """The entries of a folder, sorted; none when it is gone."""
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208
    except (FileNotFoundError, NotADirectoryError):
        return []
