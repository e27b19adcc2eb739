"""Log lines: how one reads, and pages of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.model.stream import LogLine, LogPage

from .growing import names_below

if TYPE_CHECKING:
    from .logindex import LogIndex
    from .sealed import Sealed

_BLOCK = 1000
_TODAY = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) ([\w.-]+)(?:/([\w.-]+))? \| ?(.*)", re.DOTALL)
_OLDER = re.compile(r"\d\d:\d\d:\d\d \| ?(.*)", re.DOTALL)


def parse_line(n: int, raw: bytes) -> LogLine:
    """One line as it stands in the file. A line without a prefix goes on with the text before it (older folders)."""
    text = raw.decode("utf-8", "replace").rstrip("\r\n")
    if match := _TODAY.fullmatch(text):
        time, stream, level, rest = match.groups()
        return LogLine(n, _unix(time), stream, level, rest)
    if match := _OLDER.fullmatch(text):
        return LogLine(n, None, "text", None, match[1])
    return LogLine(n, None, "text", None, text)


def _unix(time: str) -> float | None:
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError:
        return None


def log_files(folder: Path, sealed: Sealed) -> list[str]:
    """Names of the log files of a run, sealed or not; the first process's file comes first."""
    names = {n for n in names_below(folder) if n == "logs.txt" or (n.startswith("logs-") and n.endswith(".txt"))}
    return sorted(names.union(sealed.names("logs")), key=lambda name: (name != "logs.txt", name))


class LogView:
    """A log at one moment: the whole lines, and, once nobody writes any more, the half ones at the ends of files."""

    def __init__(self, index: LogIndex, *, ended: bool) -> None:
        self._index = index
        self._torn = index.torn() if ended else []
        self.size = index.whole + len(self._torn)

    def read(self, first: int, last: int) -> list[bytes]:
        whole = self._index.whole
        return self._index.read(first, min(last, whole)) + self._torn[max(0, first - whole) : max(0, last - whole)]

    def page(self, offset: int, limit: int, tail: int | None, stream: str | None, q: str | None) -> LogPage:
        first = min(max(0, offset), self.size)
        if stream is None and not q:
            if tail is not None:
                first, limit = max(first, self.size - max(0, tail)), self.size
            last = min(self.size, first + max(0, limit))
            lines = [parse_line(n, raw) for n, raw in enumerate(self.read(first, last), first)]
            return LogPage(lines, last, self.size)
        wanted = _filter(stream, q)
        if tail is not None:
            return LogPage(self._last(first, tail, wanted, q), self.size, self.size)
        found: list[LogLine] = []
        for line in self._forward(first, wanted, q):
            if len(found) >= limit:
                return LogPage(found, found[-1].n + 1 if found else first, self.size)
            found.append(line)
        return LogPage(found, self.size, self.size)

    def _forward(self, first: int, wanted: Callable[[LogLine], bool], q: str | None) -> Iterator[LogLine]:
        for begin in range(first, self.size, _BLOCK):
            yield from self._matches(begin, min(self.size, begin + _BLOCK), wanted, q)

    def _last(self, first: int, count: int, wanted: Callable[[LogLine], bool], q: str | None) -> list[LogLine]:
        found: list[LogLine] = []
        end = self.size
        while end > first and len(found) < count:
            begin = max(first, end - _BLOCK)
            found[:0] = self._matches(begin, end, wanted, q)
            end = begin
        return found[max(0, len(found) - count) :]

    def _matches(self, begin: int, end: int, wanted: Callable[[LogLine], bool], q: str | None) -> list[LogLine]:
        raw = self.read(begin, end)
        if q and q.casefold() not in b"\n".join(raw).decode("utf-8", "replace").casefold():
            return []
        return [line for n, text in enumerate(raw, begin) if wanted(line := parse_line(n, text))]


def _filter(stream: str | None, q: str | None) -> Callable[[LogLine], bool]:
    name, _, level = (stream or "").partition("/")
    needle = (q or "").casefold()

    def wanted(line: LogLine) -> bool:
        return (
            (not name or line.stream == name)
            and (not level or line.level == level)
            and (not needle or needle in line.text.casefold())
        )

    return wanted
