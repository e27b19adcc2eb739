"""One run: everything about it but its curves, its log and its files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypedDict, TypeVar, cast

from attrs import asdict, frozen
from runicorn.contracts import RunReader, Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody
from runicorn.contracts.storage import Document
from runicorn.errors import Problem, StorageError, StorageGone
from runicorn.model.metric import Series
from runicorn.model.stream import MediaRecord
from runicorn.types import JSON

from .alerts import AlertRow, alert_row
from .experiments import Note, Tags
from .lookup import RunQuery, find_only, find_run
from .rows import RunFields, fields_of

Part = TypeVar("Part")
MAX_ALERTS = 200
MAX_TEXT = 2000  # characters of one logged string in this answer; the whole stands in the metrics


class MetricRow(TypedDict):
    """One key of one run in figures; min, max and mean are over finite values."""

    key: str
    n: int
    first_step: int
    last_step: int
    last: float | str
    min: float | None
    min_step: int | None
    max: float | None
    max_step: int | None
    mean: float | None
    n_nan: int
    n_posinf: int
    n_neginf: int
    last_ts: float


class RunAnswer(RunFields):
    """One run."""

    title: str
    meta: dict[str, JSON]
    params: dict[str, JSON]
    exit: dict[str, JSON] | None
    trouble: list[dict[str, JSON]]
    environment: bool
    metrics: list[MetricRow]
    texts: dict[str, JSON]
    media: list[str]
    alerts: Annotated[list[AlertRow], About("The last 200 of them, oldest first.")]
    artifacts: dict[Literal["created", "used"], list[dict[str, JSON]]]
    logs: dict[Literal["size"], int]
    format: str
    unreadable: Annotated[str | None, About("Why some of what it logged is missing here; null: nothing is.")]


class PatchedRun(RunAnswer):
    """The run as it is now."""

    change: Annotated[str | None, About("What `POST /api/changes/undo` takes; null: nothing was to be changed.")]


@frozen
class RunPatch:
    """What is left out stays as it is."""

    tags: Tags | None = None
    note: Note | None = None
    name: Annotated[str | None, About("The name that is displayed; null or empty: the id.", max_length=500)] = None


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    def reader(query: RunQuery) -> RunReader:
        return store.open_run(find_run(store, query.id, query.path).ref)

    def run(call: Call[RunQuery, NoBody]) -> RunAnswer:
        """Everything about one run but its curves, its log and its files."""
        return describe(reader(call.query))

    def patch(call: Call[RunQuery, RunPatch]) -> PatchedRun:
        """Change tags, note or the displayed name; all of it is one change, which can be undone."""
        from runicorn import ExperimentManager

        ref, body = find_only(store, call.query.id, call.query.path).ref, call.body
        change = None
        if (body.tags, body.note, body.name) != (None, None, None):
            outcome = ExperimentManager(store).edit(ref, tags=body.tags, note=body.note, name=body.name)
            for reason in outcome.errors.values():
                raise Problem(409, "not-changed", reason, id=ref.id)
            change = outcome.change
        return {**describe(reader(RunQuery(ref.id, ref.folder))), "change": change}

    yield Endpoint("GET", "/api/runs/{id}", run, answer=RunAnswer, query=RunQuery)
    conflict = {409: "The run cannot be changed, or several carry this id and no `path` is given."}
    yield Endpoint(
        "PATCH", "/api/runs/{id}", patch, answer=PatchedRun, query=RunQuery, body=RunPatch, statuses=conflict
    )
    names: tuple[Document, ...] = ("environment", "summary", "params")
    for name in names:
        yield _document(store, name)


def _document(store: Store, name: Document) -> Endpoint[RunQuery, NoBody]:
    def handler(call: Call[RunQuery, NoBody]) -> dict[str, JSON]:
        return store.open_run(find_run(store, call.query.id, call.query.path).ref).read(name)

    handler.__doc__ = f"The run's `{name}.json`; an empty object where there is none."
    return Endpoint("GET", f"/api/runs/{{id}}/{name}", handler, answer=dict[str, JSON], query=RunQuery)


def describe(reader: RunReader) -> RunAnswer:
    """The answer for one run, from its documents and the figures of its series; of a damaged one, what can be read.

    :raises StorageGone: the run is no more.
    """
    record = reader.record
    reasons: list[str] = []

    def whole(read: Callable[[], Part], otherwise: Part) -> Part:
        try:
            return read()
        except StorageGone:
            raise
        except StorageError as error:
            reasons.append(error.reason)
            return otherwise

    series: Sequence[Series] = whole(reader.series, ())
    texts: Mapping[str, JSON] = whole(reader.texts, {})
    media: Sequence[MediaRecord] = whole(reader.media, ())
    alerts: Sequence[Mapping[str, JSON]] = whole(reader.alerts, ())
    log_bytes = whole(lambda: reader.logs(tail=0).size, 0)
    return {
        **fields_of(record),
        "title": record.title,
        "meta": reader.read("meta"),
        "params": reader.read("params"),
        "summary": reader.read("summary"),
        "exit": None if record.exit is None else dict(record.exit),
        "trouble": [dict(item) for item in record.trouble],
        "environment": bool(reader.read("environment")),
        "metrics": [cast("MetricRow", asdict(one)) for one in series],
        "texts": {key: _short(value) for key, value in texts.items()},
        "media": sorted({one.key for one in media}),
        "alerts": [alert_row(alert) for alert in alerts[-MAX_ALERTS:]],
        "artifacts": {
            "created": [dict(item) for item in record.artifacts_created],
            "used": [dict(item) for item in record.artifacts_used],
        },
        "logs": {"size": log_bytes},
        "format": record.format,
        "unreadable": reasons[0] if reasons else None,
    }


def _short(value: JSON) -> JSON:
    """One logged string must not make the answer megabytes long."""
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return value[:MAX_TEXT] + "…"
    return value
