"""``GET /api/runs/{id}/system``: what samplers measured while a run happened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from attrs import frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody, Reply
from runicorn.hooks import system_metrics
from runicorn.security import join

from ..asgi.json import encode
from .lookup import Folder, RunId, find_run
from .metrics import Key, version

if TYPE_CHECKING:
    from runicorn.model.system import SystemSeries


@frozen
class SystemQuery:
    id: RunId
    path: Folder = None
    keys: Annotated[tuple[Key, ...], About("Names; all when left out.", max_items=500)] = ()
    from_: Annotated[float | None, About("Unix seconds, inclusive.")] = None
    to: Annotated[float | None, About("Unix seconds, inclusive.")] = None
    buckets: Annotated[
        int, About("At most so many points of each series, spans of equal time.", minimum=1, maximum=20_000)
    ] = 500


class SystemSeriesAnswer(TypedDict):
    """One name on one host; columns of one length. Where a span holds one sample, min, max and mean are equal."""

    key: str
    host: str
    unit: Annotated[str, About("For people: %, B, B/s, °C, W, MHz; empty where there is none.")]
    n: Annotated[int, About("Samples in the range.")]
    last: float | str
    time: list[float]
    mean: list[float | str]
    min: list[float | str]
    max: list[float | str]


class SystemMetrics(TypedDict):
    started_at: float
    hosts: list[str]
    series: list[SystemSeriesAnswer]


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    def system(call: Call[SystemQuery, NoBody]) -> Reply:
        """System metrics of one run: CPU, memory, disk, network, GPU, and what other plugins measure."""
        query = call.query
        ref = find_run(store, query.id, query.path).ref
        reader = store.open_run(ref)
        etag = f'"{version(join(store.root, ref.folder), files=("system",))}"'
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if call.holds(etag):
            return Reply(status=304, headers=headers)
        record = reader.record
        found = system_metrics(reader, query.keys or None)
        started = record.created_at if record.started_at is None else record.started_at
        answer = {
            "started_at": started,
            "hosts": sorted({series.host for series in found}),
            "series": [row for series in found if (row := _row(series, query)) is not None],
        }
        return Reply(encode(answer), headers=headers)

    yield Endpoint(
        "GET",
        "/api/runs/{id}/system",
        system,
        answer=SystemMetrics,
        query=SystemQuery,
        statuses={304: "The client has this version."},
    )


def _row(series: SystemSeries, query: SystemQuery) -> dict[str, Any] | None:
    """A series in spans of equal time; None where nothing of it lies in the range."""
    import numpy as np

    ts, values = np.frombuffer(series.ts), np.frombuffer(series.values)
    begin = 0 if query.from_ is None else int(np.searchsorted(ts, query.from_))
    end = len(ts) if query.to is None else int(np.searchsorted(ts, query.to, side="right"))
    ts, values = ts[begin:end], values[begin:end]
    if not len(ts):
        return None
    row = {"key": series.key, "host": series.host, "unit": series.unit, "n": len(ts), "last": float(values[-1])}
    if len(ts) <= query.buckets:
        same = values.tolist()
        return {**row, "time": ts.tolist(), "mean": same, "min": same, "max": same}
    width = (ts[-1] - ts[0]) / query.buckets or 1.0
    spans = np.minimum(((ts - ts[0]) / width).astype(np.int64), query.buckets - 1)
    starts = np.flatnonzero(np.diff(spans, prepend=-1))
    counts = np.diff(starts, append=len(ts))
    return {
        **row,
        "time": (np.add.reduceat(ts, starts) / counts).tolist(),
        "mean": (np.add.reduceat(values, starts) / counts).tolist(),
        "min": np.minimum.reduceat(values, starts).tolist(),
        "max": np.maximum.reduceat(values, starts).tolist(),
    }
