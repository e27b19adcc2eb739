"""What was printed in pieces, as lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class ConsoleLines:
    """Of a line that was drawn over with carriage returns, what was seen last stays.

    :param told: gets each line with ``ts`` and ``stream``.
    """

    def __init__(self, told: Callable[..., Any]) -> None:
        self._told = told
        self._waiting: dict[str, tuple[str, float]] = {}

    def take(self, stream: str, piece: str, ts: float) -> None:
        before, _ = self._waiting.get(stream, ("", ts))
        *lines, rest = (before + piece).replace("\r\n", "\n").split("\n")
        for line in lines:
            self._line(stream, line, ts)
        self._waiting[stream] = rest, ts

    def finish(self) -> None:
        for stream, (rest, ts) in self._waiting.items():
            if rest:
                self._line(stream, rest, ts)
        self._waiting.clear()

    def _line(self, stream: str, line: str, ts: float) -> None:
        seen = [part for part in line.split("\r") if part]
        self._told(_COLOURS.sub("", seen[-1] if seen else ""), ts=ts, stream=stream)
