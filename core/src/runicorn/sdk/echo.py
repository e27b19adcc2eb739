"""What this process appends to the events of its run, read back for those who watch."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from ..contracts.storage import RunWriter

PIECE = 64 << 10  # bytes of whole lines that are handed out at once
BEHIND = 16 << 20  # bytes; further back the oldest are passed over
_COPIES = 16384  # lines, where there is no file to read them from


class Echo:
    """The lines of one process in one run, in order. ``log()`` does nothing for it: its file is read.

    :meth:`follow` is called with the run's lock held, everything else by one thread.
    """

    def __init__(self) -> None:
        self._parts: deque[_Part] = deque()
        self._dropped = 0

    def follow(self, writer: RunWriter) -> Callable[[bytes], None]:
        """What is appended from here on goes to this writer; returns what appends to it."""
        path = getattr(writer, "path", None)
        if isinstance(path, Path):
            self._parts.append(_File(path))
            return writer.append
        copies = _Copies(writer.append)
        self._parts.append(copies)
        return copies.append

    def read(self) -> bytes:
        """The next whole lines, some 64 KiB of them; empty when there are none by now.

        :raises OSError: they cannot be read now; nothing was passed over.
        """
        while self._parts:
            is_last = len(self._parts) == 1  # asked first: nothing is appended to one that has a follower
            part = self._parts[0]
            lines = part.read()
            if lines or is_last:
                return lines
            self._dropped += part.dropped
            part.close()
            self._parts.popleft()
        return b""

    @property
    def dropped(self) -> int:
        """Lines that were passed over, because nobody looked at them in time."""
        return self._dropped + sum(part.dropped for part in list(self._parts))

    def close(self) -> None:
        for part in self._parts:
            part.close()


class _Part(Protocol):
    @property
    def dropped(self) -> int: ...
    def read(self) -> bytes: ...
    def close(self) -> None: ...


class _File:
    """A file that grows by whole lines."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self.dropped = 0

    def read(self) -> bytes:
        if self._file is None:
            try:
                self._file = self._path.open("rb", buffering=0)
            except FileNotFoundError:  # removed, or not there yet
                return b""
        file = self._file
        position = file.tell()
        if os.fstat(file.fileno()).st_size - position > BEHIND:
            position = self._skip(file, position)
        size = PIECE
        while True:
            piece = file.read(size)
            whole = piece.rfind(b"\n") + 1
            file.seek(position + whole)
            if whole or len(piece) < size:
                return piece[:whole]
            size *= 4  # a line longer than that

    def _skip(self, file: BinaryIO, position: int) -> int:
        end = position + BEHIND // 2
        while position < end:
            piece = file.read(1 << 20)
            whole = piece.rfind(b"\n") + 1
            if not whole:  # within a line of several megabytes: it is read, not passed over
                break
            self.dropped += piece.count(b"\n")
            position += whole
            file.seek(position)
        file.seek(position)
        return position

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class _Copies:
    """Copies of the lines, for a writer that has no file to read them from: a spool, a storage of another kind."""

    def __init__(self, append: Callable[[bytes], None]) -> None:
        self._append = append
        self._lines: deque[bytes] = deque(maxlen=_COPIES)  # appending to it and taking from it is atomic
        self._appended = self._taken = 0

    def append(self, line: bytes) -> None:
        self._append(line)
        self._lines.append(line)
        self._appended += 1

    def read(self) -> bytes:
        lines: list[bytes] = []
        size = 0
        while self._lines and size < PIECE:
            try:
                lines.append(self._lines.popleft())
            except IndexError:  # dropped meanwhile
                break
            size += len(lines[-1])
        self._taken += len(lines)
        return b"".join(lines)

    @property
    def dropped(self) -> int:
        return max(0, self._appended - self._taken - len(self._lines))

    def close(self) -> None:
        self._lines.clear()
        self._taken = self._appended
