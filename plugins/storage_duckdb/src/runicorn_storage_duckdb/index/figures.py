"""Counts, extremes and ends of many series at once, and how later ones are put to earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .pairs import curve

if TYPE_CHECKING:
    from .parts import Array


def figures(points: Mapping[str, Array], starts: Array, sizes: Array) -> dict[str, Array]:
    """The columns of ``series`` (but run and key) for segments of points that are in the order of their lines."""
    values, ts, step, rec = (points[name] for name in ("value", "ts", "step", "rec"))
    first, last = _ends(ts, starts, sizes)
    finite = np.isfinite(values)
    n = np.add.reduceat(finite, starts, dtype=np.int64)
    if finite.all():
        none = np.zeros(len(starts), np.int64)
        n_nan = n_posinf = n_neginf = none
    else:
        n_nan = np.add.reduceat(np.isnan(values), starts, dtype=np.int64)
        n_posinf = np.add.reduceat(np.isposinf(values), starts, dtype=np.int64)
        n_neginf = np.add.reduceat(np.isneginf(values), starts, dtype=np.int64)
    lowest = _extreme(np.where(finite, values, np.inf), np.minimum, starts, sizes)
    highest = _extreme(np.where(finite, values, -np.inf), np.maximum, starts, sizes)
    counts = np.maximum(n, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.add.reduceat(np.where(finite, values, 0.0), starts) / counts
    if not np.isfinite(mean).all():  # the sum overflowed, the mean cannot
        mean = np.add.reduceat(np.where(finite, values, 0.0) / np.repeat(counts, sizes), starts)
    return {
        "n": sizes,
        "first_step": step[first],
        "last_step": step[last],
        "last": values[last],
        "min": values[lowest],
        "min_step": step[lowest],
        "max": values[highest],
        "max_step": step[highest],
        "mean": mean,
        "n_nan": n_nan,
        "n_posinf": n_posinf,
        "n_neginf": n_neginf,
        "last_ts": ts[last],
        "finite": n,
        "first_ts": ts[first],
        "first_rec": rec[first],
        "last_rec": rec[last],
        "min_rec": rec[lowest],
        "max_rec": rec[highest],
    }


def _ends(ts: Array, starts: Array, sizes: Array) -> tuple[Array, Array]:
    """The positions of the earliest and the latest point of each segment; of one time the first and the last line."""
    falling = ts[1:] < ts[:-1]
    falling[starts[1:] - 1] = False
    if not falling.any():
        return starts, starts + sizes - 1
    order = np.lexsort((ts, np.repeat(np.arange(len(starts)), sizes)))
    return order[starts], order[starts + sizes - 1]


def _extreme(values: Array, of: np.ufunc, starts: Array, sizes: Array) -> Array:
    """The first position of each segment's extreme."""
    hits = np.flatnonzero(values == np.repeat(of.reduceat(values, starts), sizes))
    found: Array = hits[np.searchsorted(hits, starts)]
    return found


def merged(parts: Mapping[str, Array]) -> dict[str, Array]:
    """Rows of ``series``, of which several may be of one run and key, as one row for each."""
    curves = curve(parts["run"], parts["key"])
    if len(np.unique(curves)) == len(curves):
        return dict(parts)
    without = parts["finite"] == 0
    low, high = np.where(without, np.inf, parts["min"]), np.where(without, -np.inf, parts["max"])
    by_first = np.lexsort((parts["first_rec"], parts["first_ts"], curves))
    by_last = np.lexsort((parts["last_rec"], parts["last_ts"], curves))
    by_min = np.lexsort((parts["min_rec"], low, curves))
    by_max = np.lexsort((parts["max_rec"], -high, curves))
    ordered = curves[by_first]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    ends = np.append(starts[1:], len(ordered)) - 1
    found = {name: parts[name][by_first[starts]] for name in ("run", "key", "first_step", "first_ts", "first_rec")}
    found |= {name: parts[name][by_last[ends]] for name in ("last_step", "last", "last_ts", "last_rec")}
    found |= {name: parts[name][by_min[starts]] for name in ("min", "min_step", "min_rec")}
    found |= {name: parts[name][by_max[starts]] for name in ("max", "max_step", "max_rec")}
    found |= {
        name: np.add.reduceat(parts[name][by_first], starts)
        for name in ("n", "n_nan", "n_posinf", "n_neginf", "finite")
    }
    weights = parts["finite"][by_first] / np.repeat(np.maximum(found["finite"], 1), ends - starts + 1)
    means = np.where(without, 0.0, parts["mean"])[by_first]
    found["mean"] = np.add.reduceat(means * weights, starts)
    return found


#: Rows of figures as rows of the table: no extremes and no mean where no value was finite. DuckDB takes NaN in numpy
#: columns for NULL.
ROWS = """
select run, key, n, first_step, last_step, coalesce(last, 'nan'::double),
    case when finite > 0 then min end, case when finite > 0 then min_step end,
    case when finite > 0 then max end, case when finite > 0 then max_step end,
    case when finite > 0 then mean end, n_nan, n_posinf, n_neginf, last_ts, finite, first_ts, first_rec, last_rec,
    min_rec, max_rec
from merged
"""
