"""Lines of a run's log, readable by people and by ``tail -f``."""

from __future__ import annotations

import re
from functools import lru_cache
from time import gmtime, strftime

_STREAMS = ("text", "stdout", "stderr")
_UNFIT = re.compile(r"[^a-z0-9_.-]+")


def log_lines(text: str, stream: str, ts: float) -> list[bytes]:
    """One prefixed line for each line of the text: ``2026-11-23T15:01:02.123Z text | ...``.

    :param stream: ``stdout``, ``stderr``, ``text`` or ``log/<level>``; anything else counts as ``text``.
    """
    stream = stream if stream in _STREAMS else _known(stream)
    whole, part = divmod(int(ts * 1000), 1000)
    prefix = f"{_second(whole)}.{part:03d}Z {stream} | "
    lines = text.removesuffix("\n").split("\n")
    return [f"{prefix}{line.removesuffix(chr(13))}\n".encode("utf-8", "backslashreplace") for line in lines]


@lru_cache(maxsize=2)
def _second(whole: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(whole))


def _known(stream: str) -> str:
    """A stream that a reader of the line finds again: of a level, letters, digits and ``_.-`` stay."""
    kind, _, level = stream.partition("/")
    level = _UNFIT.sub("-", level.lower()).strip("-")[:32]
    return f"log/{level}" if kind == "log" and level else "text"
