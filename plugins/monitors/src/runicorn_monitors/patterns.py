"""Which metrics are meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import translate


def matcher(patterns: Iterable[str]) -> Callable[[str], object]:
    """Whether a name fits one of them; ``*`` and ``?`` as in file names, upper and lower case are one.

    A name fits itself, whatever it holds: ``acc[top1]``.
    """
    either = (spelled for pattern in patterns for spelled in (translate(pattern), re.escape(pattern) + r"\Z"))
    return re.compile("|".join(either) or r"(?!)", re.IGNORECASE).match


def words_of(patterns: Iterable[str]) -> tuple[str, ...]:
    """For each pattern a word that every name which fits it holds, in small letters; empty where one has no such word.

    For :meth:`runicorn.contracts.Batch.select`.
    """
    found = []
    for pattern in patterns:
        # What stands in brackets is one sign of several; where they end is not worth knowing.
        word = max(re.findall(r"[A-Za-z0-9_./-]+", pattern.partition("[")[0]), key=len, default="")
        if not word:
            return ()
        found.append(word.lower())
    return tuple(found)
