"""Buckets of one key while they are counted: parts of a run are counted alone and put together exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

Floats: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.float64]]"
Ints: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.int64]]"
#: Columns of one length, by name. ``min`` and ``max`` are +inf and -inf in a bucket without a finite value.
Part: TypeAlias = "dict[str, Floats | Ints]"

_ADDED = ("n", "n_nan", "n_posinf", "n_neginf")
_FROM_FIRST = ("x_first", "first", "ts_first", "step_first")
_FROM_LAST = ("x_last", "last", "ts_last")


def count(bucket: Ints, starts: Ints, x: Floats, ts: Floats, step: Ints, values: Floats) -> Part:
    """Count rows that are ordered by (x, ts).

    :param bucket: where each row belongs, ascending.
    :param starts: the first row of each bucket.
    """
    ends = np.append(starts[1:], len(x)) - 1
    part: Part = {
        "bucket": bucket[starts],
        "x_first": x[starts],
        "x_last": x[ends],
        "first": values[starts],
        "last": values[ends],
        "ts_first": ts[starts],
        "ts_last": ts[ends],
        "step_first": step[starts],
    }
    sizes = ends - starts + 1
    finite = np.isfinite(values)
    if finite.all():
        none = np.zeros(len(starts), np.int64)
        part |= {"n": sizes, "n_nan": none, "n_posinf": none, "n_neginf": none}
        low = high = summed = values
    else:
        part |= {
            "n": np.add.reduceat(finite, starts, dtype=np.int64),
            "n_nan": np.add.reduceat(np.isnan(values), starts, dtype=np.int64),
            "n_posinf": np.add.reduceat(np.isposinf(values), starts, dtype=np.int64),
            "n_neginf": np.add.reduceat(np.isneginf(values), starts, dtype=np.int64),
        }
        low, high, summed = (np.where(finite, values, other) for other in (np.inf, -np.inf, 0.0))
    part["min"], part["max"] = np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
    counts = np.maximum(part["n"], 1)
    with np.errstate(over="ignore", invalid="ignore"):
        part["mean"] = np.add.reduceat(summed, starts) / counts
    if not np.isfinite(part["mean"]).all():  # the sum overflowed, the mean cannot
        part["mean"] = np.add.reduceat(summed / np.repeat(counts, sizes), starts)
    return part


def join(parts: Sequence[Part], halvings: int = 0) -> Part:
    """Put parts of one key together, on a grid that is ``2 ** halvings`` times as wide.

    Of equal (x, ts), the value of the earlier part is first and that of the later part is last.
    """
    if len(parts) == 1 and not halvings:
        return parts[0]
    whole: Part = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    bucket = whole["bucket"].astype(np.int64, copy=False) >> halvings
    by_first = np.lexsort((whole["ts_first"], whole["x_first"], bucket))
    by_last = np.lexsort((whole["ts_last"], whole["x_last"], bucket))
    ordered = bucket[by_first]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    ends = np.append(starts[1:], len(ordered)) - 1
    joined: Part = {"bucket": ordered[starts]}
    joined |= {name: whole[name][by_first[starts]] for name in _FROM_FIRST}
    joined |= {name: whole[name][by_last[ends]] for name in _FROM_LAST}
    joined |= {name: np.add.reduceat(whole[name][by_first], starts) for name in _ADDED}
    joined["min"] = np.minimum.reduceat(whole["min"][by_first], starts)
    joined["max"] = np.maximum.reduceat(whole["max"][by_first], starts)
    weights = whole["n"][by_first] / np.repeat(np.maximum(joined["n"], 1), ends - starts + 1)
    joined["mean"] = np.add.reduceat(whole["mean"][by_first] * weights, starts)
    return joined
