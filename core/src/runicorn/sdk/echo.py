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
_LOOK = 16  # pieces from one look at how far it is behind to the next
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
    """A file that grows by whole lines.

    One call of the system for a piece: with each the training may take the interpreter, and is waited for.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._position = 0  # of the first byte that was not handed out
        self._pieces = 0
        self.dropped = 0

    def read(self) -> bytes:
        if self._file is None:
            try:
                self._file = self._path.open("rb", buffering=0)
            except FileNotFoundError:  # removed, or not there yet
                return b""
        if self._pieces % _LOOK == 0:
            self._catch_up()
        size = PIECE
        while True:
            piece = self._at(self._position, size)
            whole = piece.rfind(b"\n") + 1
            if whole:
                self._position += whole
                self._pieces += 1
                return piece if whole == len(piece) else piece[:whole]
            if len(piece) < size:
                return b""
            size *= 4  # a line longer than that

    def _at(self, position: int, size: int) -> bytes:
        assert self._file is not None
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), size, position)
        self._file.seek(position)  # Windows
        return self._file.read(size)

    def _catch_up(self) -> None:
        """Pass over the oldest lines where too many wait."""
        assert self._file is not None
        if os.fstat(self._file.fileno()).st_size - self._position <= BEHIND:
            return
        end = self._position + BEHIND // 2
        while self._position < end:
            piece = self._at(self._position, 1 << 20)
            whole = piece.rfind(b"\n") + 1
            if not whole:  # within a line of several megabytes: it is read, not passed over
                break
            self.dropped += piece.count(b"\n")
            self._position += whole

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
