"""One growing file, and its one writer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from runicorn.errors import StorageGone
from runicorn.types import PathLike

from .failures import failure

_write = os.write
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_flush_data = getattr(os, "fdatasync", os.fsync)


class FileWriter:
    """Appends whole lines to a file that did not exist before and that nobody else writes.

    :raises FileExistsError: the name is taken; take another.
    :raises OSError: the file could not be made.
    """

    __slots__ = ("_entered", "_fd", "path")

    def __init__(self, path: PathLike) -> None:
        self.path = Path(path)
        self._fd = os.open(path, _FLAGS, 0o666)
        self._entered = False  # the folder's entry for the file has reached the disk

    def append(self, line: bytes) -> None:
        """One write. A line that did not fit is taken back before the error is raised."""
        try:
            written = _write(self._fd, line)
        except OSError as error:
            raise failure("writing", self.path, error) from error
        if written != len(line):
            self._complete(line, written)

    def _complete(self, line: bytes, written: int) -> None:
        # The file is ours alone, so what stands before this line ends where the part that was written began.
        whole = os.fstat(self._fd).st_size - written
        try:
            while written < len(line):
                written += os.write(self._fd, line[written:])
        except OSError as error:
            try:
                os.ftruncate(self._fd, whole)
            except OSError:
                self._give_up()
            raise failure("writing", self.path, error) from error

    def _give_up(self) -> None:
        # Half a line stands at the end for good: nothing may ever be glued to it. Further writes fail with EBADF.
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, self._fd, inheritable=False)
        os.close(nowhere)

    def sync(self) -> None:
        """Flush to the disk; also notices that the file was removed, which writing to it does not.

        :raises StorageGone: the file, or its folder, was removed.
        :raises StorageError: what was appended may not survive a power cut.
        """
        try:
            _flush_data(self._fd)
            removed = self.removed()
            if not removed and not self._entered:
                _flush_folder(self.path.parent)
                self._entered = True
        except OSError as error:
            raise failure("flushing", self.path, error) from error
        if removed:
            raise StorageGone("writing", str(self.path), "the file was removed")

    def removed(self) -> bool:
        """Whether somebody has removed the file: what was appended stands only behind the open descriptor by now."""
        return self._fd >= 0 and os.fstat(self._fd).st_nlink == 0

    def lines(self) -> Iterator[bytes]:
        """What was appended so far. The file may have been removed, but not closed."""
        rest, position = b"", 0
        while piece := os.pread(self._fd, 1 << 20, position):
            position += len(piece)
            *lines, rest = (rest + piece).split(b"\n")
            yield from (line + b"\n" for line in lines)

    def close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
