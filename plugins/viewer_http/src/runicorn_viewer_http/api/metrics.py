"""``GET /api/metrics/{id}``: every record of a run, or buckets of its curves."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NotRequired, TypedDict

from attrs import frozen
from runicorn.contracts import RunReader, Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody, Reply
from runicorn.errors import RunNotFound
from runicorn.security import join
from runicorn.types import JSON

from .lookup import Folder, RunId, find_run

_RECORDS = ("events", "segments.json")

Key = Annotated[str, About(max_length=1000)]


@frozen
class MetricsQuery:
    id: RunId
    path: Folder = None
    keys: Annotated[
        tuple[Key, ...],
        About("Metrics; all numeric ones when left out. One value may list several with commas.", max_items=500),
    ] = ()
    x: Annotated[
        str, About("What `from`, `to` and buckets measure: step, relative, wall, or a metric.", max_length=1000)
    ] = "step"
    from_: Annotated[float | None, About("Lower end, inclusive, in the unit of x.")] = None
    to: Annotated[float | None, About("Upper end, inclusive, in the unit of x.")] = None
    buckets: Annotated[int | None, About("At most so many rows, one for each bucket.", minimum=1, maximum=20_000)] = (
        None
    )
    log_x: Annotated[bool, About("Buckets of equal width in log10 x.")] = False
    counts: Annotated[bool, About("With buckets: counts per key, and the place on the grid.")] = False


class Grid(TypedDict):
    """Bucket b begins at origin + width * b (in log10 x when log_x)."""

    origin: float
    width: float
    log_x: bool


class Metrics(TypedDict):
    """Rows are arrays in the order of the columns; NaN and infinities are strings."""

    columns: list[str]
    rows: list[list[JSON]]
    total: Annotated[int, About("Records (log() calls) on disk in the range.")]
    sampled: Annotated[int, About("Rows of this answer.")]
    grid: NotRequired[Grid]


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    def metrics(call: Call[MetricsQuery, NoBody]) -> Reply:
        """The curves of one run. Without `buckets` every record, with it one row for each bucket."""
        kind = call.prefers("application/json", "text/csv")
        query = call.query
        ref = find_run(store, query.id, query.path).ref
        reader = store.open_run(ref)
        etag = f'"{version(join(store.root, ref.folder), kind)}"'  # not the reader's, which may bring media first
        headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Accept"}
        if call.holds(etag):
            return Reply(status=304, headers=headers)
        from . import metric_tables as tables  # numpy: 80 ms, only for whoever looks at curves

        keys = asked_keys(query.keys, reader)
        span = (query.from_, query.to)
        if query.buckets is None:
            table = tables.of_records(store.read_metrics([ref], keys, x=query.x, range=span)[0], keys)
        else:
            buckets = store.read_buckets([ref], keys, x=query.x, range=span, buckets=query.buckets, log_x=query.log_x)
            table = tables.of_buckets(buckets, log_x=query.log_x, counts=query.counts)
        body = tables.as_csv(table) if kind == "text/csv" else tables.as_json(table)
        return Reply(body, 200, kind, headers)

    yield Endpoint(
        "GET",
        "/api/metrics/{id}",
        metrics,
        answer=Metrics,
        query=MetricsQuery,
        also={"text/csv": "The same rows under a line of column names."},
        statuses={304: "The client has this version."},
    )


def asked_keys(given: Sequence[str], reader: RunReader) -> list[str] | None:
    """The keys of a request; None = all. A lone value is split at commas, unless a metric has that very name."""
    keys = list(dict.fromkeys(key for key in given if key))
    if len(keys) == 1 and "," in keys[0]:
        known = {series.key for series in reader.series()} | set(reader.texts())
        if keys[0] not in known:
            keys = list(dict.fromkeys(part.strip() for part in keys[0].split(",") if part.strip()))
    return keys or None


def version(folder: Path, *more: str, files: tuple[str, ...] = _RECORDS) -> str:
    """A word that changes whenever the records of a run may have changed. One directory scan, nothing is read.

    :param files: how the names of the files begin that hold them.
    """
    seen = hashlib.blake2b(digest_size=12)
    for name, stat in sorted(_record_files(folder, files).items()):
        seen.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ino}\n".encode("utf-8", "surrogateescape"))
    seen.update("\0".join(more).encode())
    return seen.hexdigest()


def generation(folder: Path) -> str:
    """A word that stays the same while the files of a run only grow. One directory scan, nothing is read."""
    return "|".join(f"{name}:{stat.st_ino}" for name, stat in sorted(_record_files(folder, _RECORDS).items()))


def _record_files(folder: Path, files: tuple[str, ...]) -> Mapping[str, os.stat_result]:
    """The files that hold records, by their place in the run folder."""
    try:
        with os.scandir(folder) as entries:
            found = {e.name: e.stat() for e in entries if e.name.startswith(files)}
    except FileNotFoundError as error:
        raise RunNotFound(folder.name, str(folder.parent)) from error
    return found
