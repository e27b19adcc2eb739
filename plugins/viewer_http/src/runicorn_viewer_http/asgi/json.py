"""JSON answers: strict, with NaN and infinities as strings, numpy arrays included."""

from __future__ import annotations

from typing import Any

import orjson
from runicorn.serialize import dumps

_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY


def encode(value: Any) -> bytes:
    """:raises TypeError: the value holds something that JSON cannot carry."""
    try:
        data = orjson.dumps(value, option=_OPTIONS)
    except TypeError:  # integers beyond 64 bits, lone surrogates
        return dumps(value)
    # orjson writes NaN and infinities as null: rare, so looked for afterwards.
    return dumps(value) if b"null" in data and not _has_arrays(value) else data


def _has_arrays(value: Any) -> bool:
    """Whether numpy arrays are inside; whoever hands them over has dealt with their NaNs."""
    if isinstance(value, dict):
        return any(map(_has_arrays, value.values()))
    return type(value).__module__ == "numpy"
