"""Runs as rows of a list: encoded once, and again only when the run has changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict

from runicorn.model.run import Best, ExperimentRecord, Status
from runicorn.types import JSON

from ..asgi.json import encode


class BestMetric(TypedDict):
    """The best value of the primary metric so far."""

    name: str
    value: float | str
    step: int | None
    mode: str


class RunFields(TypedDict):
    """What lists and the answer for one run both say of it."""

    id: str
    project: str
    name: str
    path: str
    display_name: str | None
    status: Status
    created_at: float
    started_at: float | None
    ended_at: float | None
    heartbeat_at: float | None
    deleted_at: float | None
    duration_s: float | None
    host: str
    group: str | None
    job_type: str | None
    tags: list[str]
    note: str
    pinned: bool
    archived: bool
    best_metric: BestMetric | None
    summary: dict[str, JSON]


class Row(RunFields):
    """One run of a list."""

    artifacts_created: list[dict[str, JSON]]
    artifacts_used: list[dict[str, JSON]]


def fields_of(record: ExperimentRecord) -> RunFields:
    return {
        "id": record.ref.id,
        "project": record.ref.project,
        "name": record.ref.name,
        "path": record.ref.folder,
        "display_name": record.display_name,
        "status": record.status,
        "created_at": record.created_at,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "heartbeat_at": record.heartbeat_at,
        "deleted_at": record.deleted_at,
        "duration_s": record.duration_s,
        "host": record.hostname,
        "group": record.group,
        "job_type": record.job_type,
        "tags": list(record.tags),
        "note": record.note,
        "pinned": record.pinned,
        "archived": record.archived,
        "best_metric": best_of(record.best),
        "summary": dict(record.summary),
    }


def row_of(record: ExperimentRecord) -> Row:
    """A run as clients see it in a list."""
    return {
        **fields_of(record),
        "artifacts_created": [dict(item) for item in record.artifacts_created],
        "artifacts_used": [dict(item) for item in record.artifacts_used],
    }


def best_of(best: Best | None) -> BestMetric | None:
    return None if best is None else {"name": best.metric, "value": best.value, "step": best.step, "mode": best.mode}


class RowCache:
    """Encoded rows by record. A store gives the same record object as long as nothing changed on disk."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[ExperimentRecord, bytes]] = {}

    def encode(self, records: Iterable[ExperimentRecord]) -> bytes:
        """A JSON array. Any thread: at worst a row is encoded twice."""
        parts = []
        for record in records:
            known: tuple[Any, bytes] | None = self._rows.get(record.ref.folder)
            if known is None or (known[0] is not record and known[0] != record):
                known = (record, encode(row_of(record)))
                self._rows[record.ref.folder] = known
            parts.append(known[1])
        return b"[" + b",".join(parts) + b"]"

    def keep_only(self, records: Iterable[ExperimentRecord]) -> None:
        """Forget rows of runs that are gone."""
        folders = {record.ref.folder for record in records}
        if len(self._rows) > len(folders):
            self._rows = {folder: row for folder, row in list(self._rows.items()) if folder in folders}
