"""Lines of log files on their way into a segment and back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from time import gmtime, strftime
from typing import Any

import pyarrow as pa

from .layout import LOGS

_PREFIX = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{3})Z ([\w./-]+) \| ")
_KNOWN_SECONDS = 4096


class Logs:
    """Collects lines; :meth:`table` gives what is written."""

    def __init__(self) -> None:
        self._files: list[str] = []
        self._times: list[int | None] = []
        self._streams: list[str | None] = []
        self._texts: list[str | None] = []
        self._raw: list[bytes | None] = []
        self._seconds: dict[bytes, int] = {}
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._files)

    def add(self, file: str, lines: Sequence[bytes]) -> None:
        """Whole lines of one file, without their newlines."""
        self._files += [file] * len(lines)
        for line in lines:
            self.bytes += len(line)
            if not self._split(line):
                for column in (self._times, self._streams, self._texts):
                    column.append(None)
                self._raw.append(line)

    def _split(self, line: bytes) -> bool:
        match = _PREFIX.match(line)
        if match is None:
            return False
        second, part, stream = match.groups()
        try:
            text = line[match.end() :].decode()
            whole = self._seconds.get(second)
            if whole is None:
                whole = int(datetime.fromisoformat(second.decode()).replace(tzinfo=UTC).timestamp())
                if len(self._seconds) > _KNOWN_SECONDS:
                    self._seconds.clear()
                self._seconds[second] = whole
        except ValueError:  # no UTF-8, or no such day
            return False
        self._times.append(whole * 1000 + int(part))
        self._streams.append(stream.decode())
        self._texts.append(text)
        self._raw.append(None)
        return True

    def table(self) -> Any:
        return pa.table(
            [
                pa.array(self._files, pa.string()).dictionary_encode(),
                pa.array(self._times, pa.int64()).cast(pa.timestamp("ms", tz="UTC")),
                pa.array(self._streams, pa.string()).dictionary_encode(),
                pa.array(self._texts, pa.string()),
                pa.array(self._raw, pa.binary()),
            ],
            schema=LOGS,
        )


def log_lines(table: Any) -> Iterator[tuple[str, bytes]]:
    """(file, line) of each row."""
    times = table["ts"].cast(pa.int64()).to_pylist()
    columns = (table[name].to_pylist() for name in ("file", "stream", "text", "raw"))
    before: int | None = None
    prefix = ""
    for ts, file, stream, text, raw in zip(times, *columns, strict=True):
        if raw is not None:
            yield file, raw
            continue
        whole, part = divmod(ts, 1000)
        if whole != before:
            before, prefix = whole, strftime("%Y-%m-%dT%H:%M:%S", gmtime(whole))
        yield file, f"{prefix}.{part:03d}Z {stream} | {text}".encode()
