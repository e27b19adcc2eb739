"""Source maps of whole lines, so that tools for developers show the modules that were written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def source_map(sources: Mapping[str, str], origins: Sequence[tuple[int, int] | None]) -> str:
    """A map of version 3; ``origins``: of each line the number of its source and its line there."""
    mappings = []
    source, line = 0, 0  # every number is relative to the one before
    for origin in origins:
        if origin is None:
            mappings.append("")
            continue
        mappings.append(_number(0) + _number(origin[0] - source) + _number(origin[1] - line) + _number(0))
        source, line = origin
    whole = {
        "version": 3,
        "sources": list(sources),
        "sourcesContent": list(sources.values()),
        "names": [],
        "mappings": ";".join(mappings),
    }
    return json.dumps(whole, ensure_ascii=False)


def _number(value: int) -> str:
    """Five bits a digit, the sign in the lowest, more digits to come in the highest."""
    rest = abs(value) << 1 | (value < 0)
    digits = ""
    while True:
        digit, rest = rest & 31, rest >> 5
        digits += _DIGITS[digit | (32 if rest else 0)]
        if not rest:
            return digits
