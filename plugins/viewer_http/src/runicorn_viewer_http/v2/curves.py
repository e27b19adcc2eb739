"""Curves for charts: points where there are few, buckets where there are many, one grid for all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, field, frozen
from runicorn.contracts import Store
from runicorn.errors import StorageError
from runicorn.model.grid import width_for
from runicorn.model.metric import RecordTable, Series
from runicorn.model.run import RunRef

from .blocks import VALUES, Block, coarser, from_buckets, grouped, joined, pick
from .encoding import curves_table

if TYPE_CHECKING:
    from .metrics import Since

#: A run of at most so many times the buckets is sent point by point.
RAW = 2
#: ... where size is what matters: a bucket has five values.
RAW_ROUGH = 4
#: A run whose other metrics have more records than this many times the buckets is not read whole for a short one.
WHOLE = 16


@frozen
class Asked:
    """One request."""

    refs: Sequence[RunRef]
    names: Sequence[str]  # as the client calls the runs
    keys: Sequence[str]
    x: str
    range: tuple[float | None, float | None]
    buckets: int
    log_x: bool
    groups: Sequence[str] | None
    float32: bool
    rough: bool  # rounded to what a picture shows
    generation: str
    since: Since | None
    missing: Sequence[str] = field(factory=list)
    unreadable: Mapping[str, str] = field(factory=dict)  # runs that are left out: why

    @property
    def most_points(self) -> int:
        """Of a run that is sent point by point."""
        return self.buckets * (RAW_ROUGH if self.rough else RAW)


def curves_stream(store: Store, asked: Asked) -> bytes:
    """The Arrow stream that answers it. A damaged run takes no other run's curves away.

    :raises StorageError: none of the runs can be read.
    """
    asked, series = _readable(store, asked)
    if asked.since is not None and asked.groups is None and asked.since.generation == asked.generation:
        tail = _tail(store, asked, series, asked.since)
        if tail is not None:
            return curves_table(asked, tail, asked.since.width, series, complete=False)
    block, width = _whole(store, asked, series)
    return curves_table(asked, block, width, series, complete=True)


def _readable(store: Store, asked: Asked) -> tuple[Asked, Sequence[Mapping[str, Series]]]:
    series: list[Mapping[str, Series]] = []
    kept: list[int] = []
    errors: dict[str, StorageError] = {}
    for place, ref in enumerate(asked.refs):
        try:
            series.append({one.key: one for one in store.open_run(ref).series()})
            kept.append(place)
        except StorageError as error:
            errors[asked.names[place]] = error
    if errors and not kept:
        raise next(iter(errors.values()))
    if not errors:
        return asked, series
    left = evolve(
        asked,
        refs=[asked.refs[place] for place in kept],
        names=[asked.names[place] for place in kept],
        groups=None if asked.groups is None else [asked.groups[place] for place in kept],
        unreadable={name: error.reason for name, error in errors.items()},
    )
    return left, series


def _whole(store: Store, asked: Asked, series: Sequence[Mapping[str, Series]]) -> tuple[Block, float]:
    raw = [] if asked.groups is not None else [run for run in range(len(asked.refs)) if _short(asked, series[run])]
    long = [run for run in range(len(asked.refs)) if run not in set(raw)]
    points = [part for run in raw for part in _points(store, asked, run)]
    blocks: list[Block] = []
    width = None
    if long:
        table = store.read_buckets(
            [asked.refs[run] for run in long], asked.keys, x=asked.x, range=asked.range, buckets=asked.buckets,
            log_x=asked.log_x,
        )  # fmt: skip
        width = table.width
        block = from_buckets(table, np.array(long))
        if asked.groups is None:
            block, more = _few(store, asked, block)
            points += more
        blocks.append(block)
    if width is None or not any(len(block["run"]) for block in blocks):
        width = _width(asked, points)
    return _arranged(asked, [*blocks, *(_on_grid(asked, point, width) for point in points)]), width


def _short(asked: Asked, series: Mapping[str, Series]) -> bool:
    """Whether a run is sent point by point."""
    counts = [series[key].n for key in asked.keys if key in series]
    if max(counts, default=0) > asked.most_points:
        return False
    return max((one.n for one in series.values()), default=0) <= WHOLE * asked.buckets


def _few(store: Store, asked: Asked, block: Block) -> tuple[Block, list[Block]]:
    """Buckets of runs that have few points in the range are replaced by the points."""
    totals = block["n"] + block["n_nan"] + block["n_posinf"] + block["n_neginf"]
    keep = np.ones(len(totals), bool)
    found = []
    for run in np.unique(block["run"]).tolist():
        rows = block["run"] == run
        most = max(int(totals[rows & (block["key"] == key)].sum()) for key in np.unique(block["key"][rows]))
        if most > asked.most_points or not (totals[rows] > 1).any():
            continue
        if asked.range == (None, None):
            continue  # short metrics of a long run: what they have in one bucket is one pixel
        found += _points(store, asked, run, whole=False)
        keep &= ~rows
    return pick(block, keep), found


def _points(store: Store, asked: Asked, run: int, *, whole: bool = True) -> list[Block]:
    """Every point of a run, a block for each metric, and one more point on both sides of the range, so that lines
    leave the frame where they should.

    :param whole: read all of the run, which is short.
    """
    keys = [*asked.keys, *([] if asked.x in ("step", "relative", "wall", *asked.keys) else [asked.x])]
    span = (None, None) if whole else asked.range
    (table,) = store.read_metrics([asked.refs[run]], keys, x=asked.x, range=span)
    x_all = _x(table, asked.x, _begin(store, asked, run, table) if asked.x == "relative" else 0.0)
    ts = np.asarray(table.ts)
    parts = []
    for place, key in enumerate(asked.keys):
        column = table.columns.get(key)
        if column is None:
            continue
        y = np.asarray(column.values)
        rows = slice(len(y)) if column.rows is None else np.asarray(column.rows)
        x, times = x_all[rows], ts[rows]
        known = np.isfinite(x) & (x > 0) if asked.log_x else np.isfinite(x)
        if not known.all():
            x, y, times = x[known], y[known], times[known]
        if not bool((x[1:] >= x[:-1]).all()):
            order = np.lexsort((times, x))
            x, y = x[order], y[order]
        low, high = asked.range
        first = 0 if low is None else max(0, int(np.searchsorted(x, low, "left")) - 1)
        last = len(x) if high is None else min(len(x), int(np.searchsorted(x, high, "right")) + 1)
        parts.append(_of_points(run, place, x[first:last], y[first:last]))
    return parts


def _begin(store: Store, asked: Asked, run: int, table: RecordTable) -> float:
    """Where relative time begins, as buckets have it: the start, or the first record where clocks put that before."""
    record = store.open_run(asked.refs[run]).record
    started = record.created_at if record.started_at is None else record.started_at
    return min(started, min(table.ts, default=started))


def _x(table: RecordTable, x: str, begin: float) -> Any:
    if x == "step":
        return np.asarray(table.step).astype(np.float64)
    if x in ("wall", "relative"):
        return np.asarray(table.ts) - begin
    values = np.full(len(table.step), np.nan)
    column = table.columns.get(x)
    if column is not None:
        values[slice(len(values)) if column.rows is None else np.asarray(column.rows)] = column.values
    return values


def _of_points(run: int, key: int, x: Any, y: Any) -> Block:
    finite = np.isfinite(y)
    shown = y if finite.all() else np.where(finite, y, np.nan)
    block: Block = {name: y if name in ("first", "last") else shown for name in VALUES}
    block |= {"x_first": x, "x_last": x, "n": finite.astype(np.int64)}
    if finite.all():
        nothing = np.zeros(len(y), np.int64)
        block |= {"n_nan": nothing, "n_posinf": nothing, "n_neginf": nothing}
    else:
        block |= {"n_nan": np.isnan(y).astype(np.int64), "n_posinf": (y == np.inf).astype(np.int64)}
        block["n_neginf"] = (y == -np.inf).astype(np.int64)
    block["run"], block["key"] = np.full(len(y), run, np.int32), np.full(len(y), key, np.int32)
    return block


def _width(asked: Asked, points: Sequence[Block]) -> float:
    """The grid for points alone, made as a store makes it."""
    x = [part["x_first"] for part in points if len(part["x_first"])]
    if not x:
        return 1.0
    low, high = asked.range
    least = min(float(part.min()) for part in x) if low is None or (asked.log_x and low <= 0) else low
    most = max(float(part.max()) for part in x) if high is None or (asked.log_x and high <= 0) else high
    if asked.log_x:
        least, most = math.log10(least), math.log10(most)
    return width_for(least, most, asked.buckets)


def _on_grid(asked: Asked, block: Block, width: float) -> Block:
    x = block["x_first"]
    scaled = np.log10(x) if asked.log_x else x
    return {**block, "bucket": np.floor(scaled / width)}


def _arranged(asked: Asked, blocks: Sequence[Block]) -> Block:
    """All rows, ordered by (key, run, x)."""
    blocks = [part for part in blocks if len(part["run"])]
    if asked.groups is None and all(_is_curve(part) for part in blocks):
        return joined(sorted(blocks, key=lambda part: (part["key"][0], part["run"][0])))
    block = joined(blocks)
    if asked.groups is not None:
        labels = list(dict.fromkeys(asked.groups))
        of_run = np.array([labels.index(label) for label in asked.groups], np.int32)
        return grouped(block, of_run)
    order = np.lexsort((block["run"], block["key"]))  # stable: x stays ascending within
    return pick(block, order)


def _is_curve(block: Block) -> bool:
    """Whether a block is one curve alone, as far as that is quickly seen: rows are ordered by (run, key)."""
    run, key = block["run"], block["key"]
    return bool(run[0] == run[-1] and key[0] == key[-1])


# --- What came since ---------------------------------------------------------------------------------


def _tail(store: Store, asked: Asked, series: Sequence[Mapping[str, Series]], since: Since) -> Block | None:
    """Rows from the bucket on in which each run ended; None when the grid of the client is too fine by now."""
    edges = {}
    for run, name in enumerate(asked.names):
        last = since.last_x.get(name)
        if last is None:
            return None
        scaled = math.log10(last) if asked.log_x and last > 0 else last
        edges[run] = math.floor(scaled / since.width)
    low = min(edges.values()) * since.width
    span = (10.0**low if asked.log_x else low, asked.range[1])
    blocks = []
    raw = [run for run in range(len(asked.refs)) if _short(asked, series[run])]
    long = [run for run in range(len(asked.refs)) if run not in set(raw)]
    for run in raw:
        blocks += [_on_grid(asked, part, since.width) for part in _points(store, asked, run)]
    if long:
        table = store.read_buckets(
            [asked.refs[run] for run in long], asked.keys, x=asked.x, range=span, buckets=asked.buckets,
            log_x=asked.log_x,
        )  # fmt: skip
        if table.width > since.width:
            return None
        blocks.append(coarser(from_buckets(table, np.array(long)), table.width, since.width))
    block = _arranged(asked, blocks)
    first = np.array([edges[run] for run in range(len(asked.refs))], np.float64)
    return pick(block, block["bucket"] >= first[block["run"]])
