"""Runs and keys by their numbers: as SQL, and as one number for both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .parts import Array


def curve(runs: Array, keys: Array) -> Array:
    """The number of each run and key."""
    return (runs.astype(np.int64) << 32) | keys.astype(np.int64)


def mapped(numbers: Array, places: Mapping[int, int]) -> Array:
    """The place of each number."""
    known = np.array(sorted(places), np.int64)
    of_known = np.array([places[number] for number in known.tolist()], np.int64)
    found: Array = of_known[np.searchsorted(known, numbers)]
    return found


def plain(column: Any) -> Array:
    """Without the mask of columns that may be NULL; they are looked at by ``n``."""
    values: Array = column.filled(0) if isinstance(column, np.ma.MaskedArray) else column
    return values


def listed(numbers: Iterable[int]) -> str:
    """For ``in (...)``."""
    return ", ".join(map(str, numbers)) or "null"


def among(pairs: Sequence[tuple[int, int]]) -> str:
    """SQL that is true for rows of these runs and keys."""
    runs, keys = {run for run, _ in pairs}, {key for _, key in pairs}
    simple = f"run in ({listed(sorted(runs))}) and key in ({listed(sorted(keys))})"
    if len(pairs) == len(runs) * len(keys):
        return f"({simple})"
    return f"({simple} and (run, key) in ({', '.join(map(str, sorted(pairs)))}))"
