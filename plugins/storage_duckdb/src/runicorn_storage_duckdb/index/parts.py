"""Buckets of many curves at once while they are counted, and how parts of them are put together exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
#: Columns of one length. ``curve`` stands for a run and key; ``min`` and ``max`` are infinite without a finite value.
Part: TypeAlias = "dict[str, Array]"

COUNTS = ("n", "n_nan", "n_posinf", "n_neginf")
_FIRST = ("x_first", "first", "ts_first", "step_first")
_LAST = ("x_last", "last", "ts_last")


def count(curve: Array, bucket: Array, x: Array, points: Mapping[str, Array]) -> Part:
    """Count points.

    :param points: ``ts``, ``step``, ``value`` and ``rec``, in any order; of equal (x, ts) the lower ``rec`` is first.
    """
    ts, step, values, rec = points["ts"], points["step"], points["value"], points["rec"]
    if not _in_order(curve, x, ts, rec):
        order = np.lexsort((rec, ts, x, curve))
        curve, bucket, x, ts, step, values = (column[order] for column in (curve, bucket, x, ts, step, values))
    starts = _starts(curve, bucket)
    ends = np.append(starts[1:], len(x)) - 1
    finite = np.isfinite(values)
    sizes = ends - starts + 1
    part: Part = {
        "curve": curve[starts],
        "bucket": bucket[starts],
        "x_first": x[starts],
        "x_last": x[ends],
        "first": values[starts],
        "last": values[ends],
        "ts_first": ts[starts],
        "ts_last": ts[ends],
        "step_first": step[starts],
        "n": np.add.reduceat(finite, starts, dtype=np.int64),
        "n_nan": np.add.reduceat(np.isnan(values), starts, dtype=np.int64),
        "n_posinf": np.add.reduceat(np.isposinf(values), starts, dtype=np.int64),
        "n_neginf": np.add.reduceat(np.isneginf(values), starts, dtype=np.int64),
        "min": np.minimum.reduceat(np.where(finite, values, np.inf), starts),
        "max": np.maximum.reduceat(np.where(finite, values, -np.inf), starts),
    }
    counts = np.maximum(part["n"], 1)
    summed = np.where(finite, values, 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        part["mean"] = np.add.reduceat(summed, starts) / counts
    if not np.isfinite(part["mean"]).all():  # the sum overflowed, the mean cannot
        part["mean"] = np.add.reduceat(summed / np.repeat(counts, sizes), starts)
    return part


def join(parts: Sequence[Part]) -> Part:
    """Put parts together: one row for each curve and bucket."""
    whole: Part = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    curve, bucket = whole["curve"], whole["bucket"]
    by_first = np.lexsort((whole["ts_first"], whole["x_first"], bucket, curve))
    by_last = np.lexsort((whole["ts_last"], whole["x_last"], bucket, curve))
    starts = _starts(curve[by_first], bucket[by_first])
    ends = np.append(starts[1:], len(curve)) - 1
    joined: Part = {"curve": curve[by_first[starts]], "bucket": bucket[by_first[starts]]}
    joined |= {name: whole[name][by_first[starts]] for name in _FIRST}
    joined |= {name: whole[name][by_last[ends]] for name in _LAST}
    joined |= {name: np.add.reduceat(whole[name][by_first], starts) for name in COUNTS}
    joined["min"] = np.minimum.reduceat(whole["min"][by_first], starts)
    joined["max"] = np.maximum.reduceat(whole["max"][by_first], starts)
    weights = whole["n"][by_first] / np.repeat(np.maximum(joined["n"], 1), ends - starts + 1)
    joined["mean"] = np.add.reduceat(whole["mean"][by_first] * weights, starts)
    return joined


def _starts(curve: Array, bucket: Array) -> Array:
    """Positions at which another curve or bucket begins."""
    return np.flatnonzero(np.append(True, (curve[1:] != curve[:-1]) | (bucket[1:] != bucket[:-1])))


def _in_order(curve: Array, x: Array, ts: Array, rec: Array) -> bool:
    further = curve[1:] > curve[:-1]
    same = curve[1:] == curve[:-1]
    rising = x[1:] > x[:-1]
    if bool((further | (same & rising)).all()):
        return True
    level = same & (x[1:] == x[:-1])
    later = (ts[1:] > ts[:-1]) | ((ts[1:] == ts[:-1]) & (rec[1:] > rec[:-1]))
    return bool((further | (same & rising) | (level & later)).all())
