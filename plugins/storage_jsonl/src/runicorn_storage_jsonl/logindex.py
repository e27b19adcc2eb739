"""Where each line of a run's log stands, over all its log files."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from heapq import merge
from itertools import accumulate
from pathlib import Path

from runicorn.errors import StorageError

from .lines import Lines, lines_at, moved, stands
from .loglines import log_files
from .sealed import Sealed, SealedFiles
from .sealedfile import SealedFile


class _LogFile:
    def __init__(self, file: Lines) -> None:
        self.file = file
        self.starts: array[int] = array("q", [0])  # of each line; the last one is where the next will start

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def lines(self) -> int:
        return len(self.starts) - 1

    def scan(self) -> None:
        for piece in self.file.pieces():
            self._note(piece.split(b"\n")[:-1])

    def timed(self, position: int) -> Iterator[tuple[bytes, int, int]]:
        """(time, position, line) of each new line; a line without a time has that of the line before."""
        time = b""
        for piece in self.file.pieces():
            lines = piece.split(b"\n")[:-1]
            first = self.lines
            self._note(lines)
            for number, line in enumerate(lines, first):
                if line[4:5] == b"-" and line[10:11] == b"T":
                    time = line[:24]
                yield time, position, number

    def _note(self, lines: list[bytes]) -> None:
        begin = self.starts.pop()
        self.starts.extend(accumulate((len(line) + 1 for line in lines), initial=begin))

    def read(self, first: int, last: int) -> list[bytes]:
        if isinstance(self.file, SealedFile):
            return self.file.read(first, last)
        begin, end = self.starts[first], self.starts[last]
        try:
            with open(self.file.path, "rb") as file:
                file.seek(begin)
                lines = file.read(end - begin).split(b"\n")[:-1]
        except FileNotFoundError:
            lines = []
        return lines + [b""] * (last - first - len(lines))  # the file was cut meanwhile; the next look begins again


class LogIndex:
    """Numbers every whole line once, and keeps the number.

    Lines of several files that are found in one look are ordered by their time. A line that appears later gets a
    later number, even when it says an earlier time: a number that somebody has seen never means another line. One
    thread at a time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sealed = SealedFiles(folder)
        self._files: list[_LogFile] = []
        self._generations: dict[str, int] = {}
        self._stretches: list[tuple[int, int, int]] = []  # first number, file, its line: up to the next stretch
        self._numbers: list[int] = []  # the first numbers, for searching
        self.generation = 0  # how often a file was replaced and everything was numbered anew
        self.whole = 0  # lines with a newline

    @property
    def size(self) -> int:
        """Bytes, roughly."""
        return 8 * sum(file.lines for file in self._files) + 120 * len(self._stretches)

    def refresh(self) -> None:
        """Number the lines that became whole since the last look."""
        self._look()
        if any(file.file.generation > self._generations.setdefault(file.name, 1) for file in self._files):
            self._files, self._generations, self._stretches, self._numbers = [], {}, [], []
            self.whole = 0
            self.generation += 1
            self._look()

    def _look(self) -> None:
        while not self._looked(self._sealed.look()):
            pass  # sealed, or brought back, while it was read

    def _looked(self, sealed: Sealed) -> bool:
        known = {file.name for file in self._files}
        for file in self._files:
            file.file = moved(file.file, self._folder, file.name, sealed)
        self._files += [
            _LogFile(lines_at(self._folder, name, sealed))
            for name in log_files(self._folder, sealed)
            if name not in known
        ]
        if len(self._files) == 1:
            file = self._files[0]
            before = file.lines
            file.scan()
            self._stretch(0, before, file.lines - before)
        else:
            for _, position, line in merge(*(file.timed(position) for position, file in enumerate(self._files))):
                self._stretch(position, line, 1)
        return self._sealed.look() is sealed

    def _stretch(self, position: int, line: int, count: int) -> None:
        if count <= 0:
            return
        if self._stretches:
            number, before, first = self._stretches[-1]
            if before == position and first + self.whole - number == line:
                self.whole += count
                return
        self._stretches.append((self.whole, position, line))
        self._numbers.append(self.whole)
        self.whole += count

    def read(self, first: int, last: int) -> list[bytes]:
        """Lines ``first`` up to, not including, ``last``, without their newlines."""
        return self._settled(lambda: self._read(first, last))

    def _read(self, first: int, last: int) -> list[bytes]:
        lines: list[bytes] = []
        at = bisect_right(self._numbers, first) - 1
        while first < last:
            number, position, line = self._stretches[at]
            end = min(last, self._numbers[at + 1] if at + 1 < len(self._numbers) else self.whole)
            lines += self._files[position].read(line + first - number, line + end - number)
            first, at = end, at + 1
        return lines

    def torn(self) -> list[bytes]:
        """Last lines without a newline."""
        return self._settled(
            lambda: [rest for file in self._files if file.file.rest and (rest := file.file.torn())],
        )

    def _settled(self, act: Callable[[], list[bytes]]) -> list[bytes]:
        """What ``act`` reads; again, where files were sealed or brought back meanwhile."""
        while True:
            try:
                found = act()
            except StorageError:
                if self._stands():
                    raise
            if self._stands():
                return found
            self._look()

    def _stands(self) -> bool:
        sealed = self._sealed.look()
        return all(stands(file.file, sealed) for file in self._files)
