"""From blocks of curves to the Arrow stream. pyarrow is imported with this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from runicorn.model.metric import Series

from .blocks import COUNTS, VALUES, XS, Block
from .rounding import rounded
from .tables import stream

if TYPE_CHECKING:
    from .curves import Asked

_PERCENTILES = (1.0, 99.0)
_BATCH, _BATCHES = 8192, 32  # rows of a batch at least, and batches of an answer at most, about


def curves_table(
    asked: Asked, block: Block, width: float, series: Sequence[Mapping[str, Series]], *, complete: bool
) -> bytes:
    """The whole answer.

    :param complete: False: only what is new since the client's ``last_x``.
    """
    if asked.rough:
        block = rounded(block, len(asked.keys))
    buckets = block["bucket"]
    first = float(buckets.min()) if len(buckets) else 0.0
    labels = list(dict.fromkeys(asked.groups)) if asked.groups is not None else list(asked.names)
    real = np.float32 if asked.float32 else np.float64
    numbers: dict[str, Any] = {"bucket": (buckets - first).astype(np.int32)}
    for name in XS:
        numbers[name] = block[name].astype(np.float64, copy=False)
    with np.errstate(over="ignore"):  # beyond float32 is infinite on a screen too
        for name in (*VALUES, *(("std",) if "std" in block else ())):
            numbers[name] = block[name].astype(real, copy=False)
    for name in COUNTS:
        numbers[name] = block[name].astype(np.uint32, copy=False)
    spans = _spans(block)
    words, same = {"run": labels, "key": asked.keys}, None
    if asked.rough:  # ``series`` says whose each row is
        words, (numbers, same) = {}, _said_once(numbers)
    columns = {name: _words(block[name], known) for name, known in words.items()}
    columns |= {name: _array(values) for name, values in numbers.items()}
    head = {
        "x": asked.x,
        "log_x": asked.log_x,
        "width": width,
        "origin": first * width,
        "buckets": asked.buckets,
        "complete": complete,
        "generation": asked.generation,
        "runs": _runs(asked, block, series) if asked.groups is None else None,
        "groups": None if asked.groups is None else _groups(asked, labels),
        "keys": list(asked.keys),
        "series": spans,
        **({} if same is None else {"same": same}),
        "y": [_y(block, [span for span in spans if span[1] == key]) for key in range(len(asked.keys))],
        "missing": list(asked.missing),
        "unreadable": dict(asked.unreadable),
    }
    return stream(columns, head, _cuts(spans, len(buckets)))


def _said_once(numbers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str | int]]:
    """Without counts of which all are one number, and columns that equal another one: the number, or the other's name.
    Points are an eighth of their size then, before anything is compressed."""
    kept: dict[str, Any] = {}
    same: dict[str, str | int] = {}
    for name, values in numbers.items():
        if name in COUNTS and len(values) and (values == values[0]).all():
            same[name] = int(values[0])
    for group in (("bucket",), XS, VALUES, ("std",), COUNTS):
        for name in (one for one in group if one in numbers and one not in same):
            known = (one for one in group if one in kept)
            twin = next((one for one in known if np.array_equal(numbers[one], numbers[name], equal_nan=True)), None)
            if twin is None:
                kept[name] = numbers[name]
            else:
                same[name] = twin
    return kept, same


def _words(indices: Any, words: Sequence[str]) -> Any:
    texts = [word.encode("utf-8", "backslashreplace") for word in words]
    ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
    dictionary = pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(b"".join(texts)))
    return pa.DictionaryArray.from_arrays(_array(indices.astype(np.int32, copy=False)), dictionary)


def _array(values: Any) -> Any:
    """As ``pa.array`` makes it, which imports pandas where that is installed: a third of the first chart's time."""
    values = np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])


def _spans(block: Block) -> list[list[int]]:
    """``[run, key, offset, length, points, raw]`` of each curve; ``raw``: each row is one point."""
    run, key = block["run"], block["key"]
    if not len(run):
        return []
    starts = np.flatnonzero(np.append(True, (run[1:] != run[:-1]) | (key[1:] != key[:-1])))
    lengths = np.diff(np.append(starts, len(run)))
    totals = block["n"] + block["n_nan"] + block["n_posinf"] + block["n_neginf"]
    points = np.add.reduceat(totals, starts)
    raw = points == lengths if "std" not in block else np.zeros(len(starts), bool)
    columns = (run[starts], key[starts], starts, lengths, points, raw.astype(np.int64))
    return [list(map(int, row)) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _cuts(spans: Sequence[Sequence[int]], rows: int) -> list[int]:
    """Between metrics: whose curves are whole can be drawn, and on a slow line the rest comes seconds later."""
    least = max(_BATCH, rows // _BATCHES)
    cuts, last = [], 0
    for before, after in pairwise(spans):
        if before[1] != after[1] and after[2] - last >= least:
            last = after[2]
            cuts.append(last)
    return cuts


def _runs(asked: Asked, block: Block, series: Sequence[Mapping[str, Series]]) -> list[dict[str, Any]]:
    last_x = np.full(len(asked.refs), -np.inf)
    np.maximum.at(last_x, block["run"], block["x_last"])
    told = []
    for at, (ref, name) in enumerate(zip(asked.refs, asked.names, strict=True)):
        steps = [series[at][key].last_step for key in asked.keys if key in series[at]]
        known = float(last_x[at]) if np.isfinite(last_x[at]) else None
        if known is None and asked.since is not None:
            known = asked.since.last_x.get(name)
        told.append(
            {"name": name, "run": ref.id, "path": ref.folder, "last_x": known, "last_step": max(steps, default=None)}
        )
    return told


def _groups(asked: Asked, labels: Sequence[str]) -> list[dict[str, Any]]:
    assert asked.groups is not None
    return [
        {"name": label, "runs": [name for name, own in zip(asked.names, asked.groups, strict=True) if own == label]}
        for label in labels
    ]


def _y(block: Block, spans: Sequence[Sequence[int]]) -> dict[str, float] | None:
    """The range of a metric's finite values, and without outliers: percentiles of the means that are shown."""
    if not spans:
        return None
    begin, end = spans[0][2], spans[-1][2] + spans[-1][3]
    means = block["mean"][begin:end]
    means = means[np.isfinite(means)]
    if not len(means):
        return None
    low, high = float(np.nanmin(block["min"][begin:end])), float(np.nanmax(block["max"][begin:end]))
    p01, p99 = np.percentile(means, _PERCENTILES)
    return {"low": low, "high": high, "p01": float(p01), "p99": float(p99)}
