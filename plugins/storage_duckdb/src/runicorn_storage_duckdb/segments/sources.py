"""Event and log files of a run, read once and hashed while they are read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from .manifest import SealedStream, Source

_PIECE = 1 << 20
_TAIL = 64


def stream_of(name: str) -> SealedStream | None:
    """Which stream a file of the run folder belongs to; None for what is not sealed."""
    if name == "events.jsonl" or (name.startswith("events-") and name.endswith(".jsonl")):
        return "events"
    if name == "logs.txt" or (name.startswith("logs-") and name.endswith(".txt")):
        return "logs"
    return None


def names_of(folder: Path) -> list[str]:
    """Files of the folder that can be sealed; the first process's come first.

    :raises OSError: the folder cannot be read.
    """
    found = [name for name in os.listdir(folder) if stream_of(name)]  # noqa: PTH208
    return sorted(found, key=lambda name: (name not in ("events.jsonl", "logs.txt"), name))


class SourceFile:
    """One file, kept open: what is appended while it is sealed is noticed to the end."""

    def __init__(self, folder: Path, name: str) -> None:
        """
        :raises OSError: it cannot be opened.
        """
        self.path = folder / name
        self.name = name
        self.stream: SealedStream = stream_of(name) or "events"
        self._fd = os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._digest = sha256()
        self.bytes = 0
        self._lines = 0
        self._torn = 0

    def pieces(self) -> Iterator[list[bytes]]:
        """Lines without their newlines, many at a time, up to the end of the file. Half a line at the end is one."""
        rest = b""
        while piece := os.read(self._fd, _PIECE):
            self._digest.update(piece)
            self.bytes += len(piece)
            head, newline, tail = piece.rpartition(b"\n")
            if not newline:
                rest += piece
                continue
            lines = (rest + head).split(b"\n")
            rest = tail
            self._lines += len(lines)
            yield lines
        if rest:
            self._torn = len(rest)
            self._lines += 1
            yield [rest]

    def source(self) -> Source:
        """What was read, once ``pieces`` is at its end."""
        end = self.bytes - self._torn
        size = min(_TAIL, end) if self.stream == "events" else 0
        os.lseek(self._fd, end - size, os.SEEK_SET)
        tail = os.read(self._fd, size).decode("latin-1")
        return Source(self.name, self.stream, self.bytes, self._lines, self._torn, self._digest.hexdigest(), tail)

    def grown(self) -> int:
        """Bytes that came since it was read; negative when it was cut or replaced."""
        found = os.fstat(self._fd)
        try:
            there = self.path.stat()
        except FileNotFoundError:
            return -1
        if (there.st_dev, there.st_ino) != (found.st_dev, found.st_ino):
            return -1
        return found.st_size - self.bytes

    def late(self) -> bytes:
        """What was appended by somebody who still has the file open, after it was read."""
        os.lseek(self._fd, self.bytes, os.SEEK_SET)
        parts = []
        while piece := os.read(self._fd, _PIECE):
            parts.append(piece)
        return b"".join(parts)

    def close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file.

    :raises OSError: it cannot be read.
    """
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
