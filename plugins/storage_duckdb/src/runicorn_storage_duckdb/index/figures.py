"""Counts, extremes and ends of many series at once, and how later ones are put to earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"


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


#: Rows of ``fresh`` (and of what stood before) as one row for each run and key.
MERGED = """
select p.run, p.key, sum(p.n)::bigint as n, arg_min(p.first_step, (p.first_ts, p.first_rec)) as first_step,
    arg_max(p.last_step, (p.last_ts, p.last_rec)) as last_step, arg_max(p.last, (p.last_ts, p.last_rec)) as last,
    min(p.min) filter (p.finite > 0) as min, arg_min(p.min_step, (p.min, p.min_rec)) filter (p.finite > 0) as min_step,
    max(p.max) filter (p.finite > 0) as max, arg_min(p.max_step, (-p.max, p.max_rec)) filter (p.finite > 0) as max_step,
    sum(p.mean * (p.finite / p.total)) filter (p.finite > 0) as mean, sum(p.n_nan)::bigint as n_nan,
    sum(p.n_posinf)::bigint as n_posinf, sum(p.n_neginf)::bigint as n_neginf, max(p.last_ts) as last_ts,
    sum(p.finite)::bigint as finite, min(p.first_ts) as first_ts,
    arg_min(p.first_rec, (p.first_ts, p.first_rec)) as first_rec,
    arg_max(p.last_rec, (p.last_ts, p.last_rec)) as last_rec,
    arg_min(p.min_rec, (p.min, p.min_rec)) filter (p.finite > 0) as min_rec,
    arg_min(p.max_rec, (-p.max, p.max_rec)) filter (p.finite > 0) as max_rec
from (select *, sum(finite) over (partition by run, key) as total from {rows}) p group by p.run, p.key
"""

#: The same for rows of ``fresh`` of which each is the only one of its run and key.
ALONE = """
select * replace (
    case when finite > 0 then min end as min, case when finite > 0 then min_step end as min_step,
    case when finite > 0 then max end as max, case when finite > 0 then max_step end as max_step,
    case when finite > 0 then mean end as mean, case when finite > 0 then min_rec end as min_rec,
    case when finite > 0 then max_rec end as max_rec)
from fresh
"""
