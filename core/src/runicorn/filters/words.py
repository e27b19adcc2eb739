"""The smallest pieces of the language: bare words, quoted text, what a bare word means as a value."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ..model.query import Ago

KEYWORDS = frozenset(["and", "or", "not", "in", "is", "has", "contains", "exists", "null"])

#: A quoted text. A backslash escapes quotes, itself, and n, t, r; before anything else it stands for itself, so that
#: regular expressions need no second one.
QUOTED = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
#: A bare word, with quoted texts between its dots: ``metrics."val acc".max``. An apostrophe inside a word is one.
WORD = rf"(?:(?<![^\s(),=!<>~.])(?:{QUOTED})|[^\s\"'(),=!<>~]|(?<=\w)'(?=\w))+"

_BARE = re.compile(r"[^\s\"'(),=!<>~.]+(?:\.[^\s\"'(),=!<>~.]+)*")
_PIECE = re.compile(rf"({QUOTED})|[^\"']+|['\"]", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}

_NUMBER = re.compile(r"[+-]?(?:[0-9][0-9_]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SPECIAL = {"nan": float("nan"), "inf": float("inf"), "+inf": float("inf"), "-inf": float("-inf")}
_UNITS = {"s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31_536_000.0}
_SPAN = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)", re.IGNORECASE)


def quote(text: str) -> str:
    """A text as it is written in a filter: in double quotes."""
    body = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{body}"'


def unquote(quoted: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[0]), quoted[1:-1])


def is_quoted(word: str) -> bool:
    """Whether the whole word is one quoted text."""
    return word[:1] in ("'", '"') and re.fullmatch(QUOTED, word, re.DOTALL) is not None


def content(word: str) -> str:
    """What a word says, its quotes resolved."""
    pieces = (unquote(match[0]) if match[1] else match[0] for match in _PIECE.finditer(word))
    return "".join(pieces)


def needs_quotes(key: str) -> bool:
    return _BARE.fullmatch(key) is None


def segments(word: str) -> list[tuple[str, bool]]:
    """The parts of a word between dots outside quotes, each with whether it was quoted."""
    parts: list[tuple[str, bool]] = [("", False)]
    for match in _PIECE.finditer(word):
        if match[1]:
            parts[-1] = parts[-1][0] + unquote(match[0]), True
            continue
        first, *rest = match[0].split(".")
        parts[-1] = parts[-1][0] + first, parts[-1][1]
        parts += [(piece, False) for piece in rest]
    return parts


def as_number(word: str) -> float | None:
    """The number that a bare word is; NaN and infinities are ``nan``, ``inf``, ``-inf``."""
    if word.lower() in _SPECIAL:
        return _SPECIAL[word.lower()]
    return float(word.replace("_", "")) if _NUMBER.fullmatch(word) else None


def as_span(word: str) -> float | None:
    """Seconds, of ``90s``, ``5min``, ``2h``, ``-7d``, ``1w``."""
    match = _SPAN.fullmatch(word)
    if match is None or match[3].lower() not in _UNITS:
        return None
    return float(match[2]) * _UNITS[match[3].lower()] * (-1.0 if match[1] == "-" else 1.0)


def as_time(word: str, *, now: datetime | None = None) -> float | Ago | None:
    """A moment: ``-7d``, ``now``, ``today``, ``yesterday``, an ISO date or time (local unless it says otherwise),
    or Unix seconds."""
    lowered = word.lower()
    if lowered == "now":
        return Ago(0.0)
    if lowered in ("today", "yesterday"):
        midnight = (now or datetime.now().astimezone()).replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight - timedelta(days=lowered == "yesterday")).timestamp()
    number = as_number(word)
    if number is not None:
        return number
    span = as_span(word)
    if span is not None:
        return Ago(-span)
    try:
        return datetime.fromisoformat(word).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        return None
