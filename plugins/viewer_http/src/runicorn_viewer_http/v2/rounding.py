"""Values with no more digits than a picture shows: most of what noisy curves weigh on a line are digits of noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from .blocks import VALUES, Block

#: Values are within this part of what their metric spans, and of themselves: a third of a pixel, on both kinds of axes.
PART = 2.0**-11


def rounded(block: Block, keys: int) -> Block:
    """The block with values rounded to within :data:`PART`. What was in order stays in order."""
    span = _spans(block, keys)[block["key"]]
    made: list[tuple[Any, Any]] = []
    out = dict(block)
    for name in (*VALUES, *(("std",) if "std" in block else ())):
        # of points all of them are the same numbers
        found = next((after for before, after in made if np.array_equal(before, block[name])), None)
        if found is None:
            found = _round(block[name], span)
            made.append((block[name], found))
        out[name] = found
    return out


def _spans(block: Block, keys: int) -> Any:
    low, high = np.full(keys, np.inf), np.full(keys, -np.inf)
    np.fmin.at(low, block["key"], np.where(np.isfinite(block["min"]), block["min"], np.nan))
    np.fmax.at(high, block["key"], np.where(np.isfinite(block["max"]), block["max"], np.nan))
    with np.errstate(invalid="ignore", over="ignore"):
        span = high - low
    return np.where((span > 0) & np.isfinite(span), span, np.inf)


def _round(values: Any, span: Any) -> Any:
    """Steps are powers of two, so that what is rounded away is zeros in the bytes."""
    values = values.astype(np.float64, copy=False)
    finite = np.isfinite(values)
    _, exponent = np.frexp(np.where(finite, np.minimum(np.abs(values), span), 1.0))
    step = exponent - 1 + int(np.log2(PART)) + 1
    return np.where(finite, np.ldexp(np.round(np.ldexp(np.where(finite, values, 0.0), -step)), step), values)
