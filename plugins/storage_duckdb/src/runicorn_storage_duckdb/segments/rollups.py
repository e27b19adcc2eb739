"""Long series on coarser grids: buckets of 64 and of 4,096 steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from .layout import OTHER
from .points import key_ranges

#: Points of one key in one segment, from which on it has rollups.
LONG = 100_000
#: Steps of a bucket, as powers of two: every grid of a chart whose buckets are wider is made of whole ones.
SHIFTS = (6, 12)
SCHEMA = pa.schema(
    [("key", pa.dictionary(pa.int32(), pa.string())), ("width", pa.int32()), ("bucket", pa.int64())]
    + [(name, pa.int64()) for name in ("n", "n_nan", "n_posinf", "n_neginf", "step_first", "step_last")]
    + [(name, pa.float64()) for name in ("ts_first", "ts_last", "first", "last", "min", "max", "mean")]
)


def rollups(records: Any, points: Any) -> Any | None:
    """Buckets of the long series, sorted by (key, width, bucket); None when no series is long.

    ``n`` counts finite values; ``min``, ``max`` and ``mean`` are over them, NaN where there are none. ``first`` and
    ``last`` go by step, and among equal steps by time.
    """
    long = [(key, begin, end) for key, begin, end in key_ranges(points) if end - begin > LONG]
    if not long:
        return None
    times = records["ts"].combine_chunks().to_numpy(zero_copy_only=False)
    columns = {name: points[name].combine_chunks() for name in ("step", "record", "value", "kind")}
    tables = []
    for key, begin, end in long:
        step, record, value, kind = (column.slice(begin, end - begin).to_numpy() for column in columns.values())
        numeric = ~np.isnan(value) | (kind != OTHER)
        step, value, ts = step[numeric], value[numeric], times[record[numeric]]
        if (ts[1:] < ts[:-1]).any():
            order = np.lexsort((ts, step))
            step, value, ts = step[order], value[order], ts[order]
        tables += [_buckets(key, shift, step, value, ts) for shift in SHIFTS if len(step)]
    return pa.concat_tables(tables).combine_chunks() if tables else None  # texts alone have none


def _buckets(key: str, shift: int, step: Any, value: Any, ts: Any) -> Any:
    bucket = step >> shift
    starts = np.flatnonzero(np.append(True, bucket[1:] != bucket[:-1]))
    ends = np.append(starts[1:], len(step)) - 1
    finite = np.isfinite(value)
    n = np.add.reduceat(finite, starts, dtype=np.int64)
    low, high, summed = (np.where(finite, value, other) for other in (np.inf, -np.inf, 0.0))
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.add.reduceat(summed, starts) / np.maximum(n, 1)
    over = ~np.isfinite(mean)
    if over.any():  # the sum overflowed, the mean cannot
        mean = np.add.reduceat(summed / np.repeat(np.maximum(n, 1), ends - starts + 1), starts)
    empty = n == 0
    figures = [np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts), mean]
    for figure in figures:
        figure[empty] = np.nan
    size = len(starts)
    return pa.table(
        [
            pa.DictionaryArray.from_arrays(pa.array(np.zeros(size, np.int32)), pa.array([key], pa.string())),
            pa.array(np.full(size, 1 << shift, np.int32)),
            pa.array(bucket[starts]),
            pa.array(n),
            *(
                pa.array(np.add.reduceat(odd(value), starts, dtype=np.int64))
                for odd in (np.isnan, np.isposinf, np.isneginf)
            ),
            *(pa.array(column[place]) for column in (step, ts, value) for place in (starts, ends)),
            *(pa.array(figure) for figure in figures),
        ],
        schema=SCHEMA,
    )
