"""One run folder as a row of a list."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import evolve
from runicorn.model.run import Best, ExperimentRecord, RunRef
from runicorn.serialize import number

from .discovery import Place, is_run
from .documents import Documents
from .liveness import SignsOfLife, last_logged, read_writers

if TYPE_CHECKING:
    from runicorn.model.run import Status
    from runicorn.types import JSON


#: Older versions rewrote documents in place.
_IN_PLACE = ("meta.json", "status.json", "summary.json")

#: The events say when an unfinished run of theirs logged last.
_WHEN_UNFINISHED = (*_IN_PLACE, "events.jsonl")


class Description(NamedTuple):
    """What the files of a run say. Only the status of an unfinished run depends on the moment as well."""

    record: ExperimentRecord  # status as written
    life: SignsOfLife | None = None  # None: the run has ended
    crashed: ExperimentRecord | None = None  # the record of an unfinished run, should nobody write it any more

    def shown(self, now: float) -> ExperimentRecord:
        """The record with the status that holds at this moment."""
        return self.record if self.life is None or self.crashed is None or self.life.running(now) else self.crashed

    @property
    def watched(self) -> tuple[str, ...]:
        """What changes in the folder without a trace in the folder's own time."""
        if self.record.format != "runicorn":
            return _IN_PLACE if self.life is None else _WHEN_UNFINISHED
        return () if self.life is None else ("writers",)


def describe(place: Place, people: Mapping[str, Any]) -> Description | None:
    """Read the documents of a folder; None when it is no run, or no more.

    :param people: ``.experiments_metadata.json`` of the root.
    """
    try:
        documents = Documents(place.path, people)
    except OSError:
        return None
    if not is_run(documents.names):
        return None
    meta, status = documents.read("meta"), documents.read("status")
    summary, artifacts = documents.read("summary"), documents.read("artifacts")
    best = _best(summary.get("best"))
    if best is not None:
        del summary["best"]
    user = documents.file("user.json") if "user.json" in documents.names else documents.people(meta)
    deleted = documents.file(".deleted")
    version = _version(meta, place)
    started_at = number(status.get("started_at"))
    written: Status = status.get("status", "running")  # type: ignore[assignment]  # older.status() made it one of them
    said = started_at or number(meta.get("created_at")) or 0.0
    created_at = number(meta.get("created_at")) or started_at or os.stat(place.path).st_mtime  # noqa: PTH116
    life = _signs(place, meta, said, version) if written == "running" else None
    ending = status.get("exit")
    record = ExperimentRecord(
        ref=_ref(place, meta),
        status=written,
        created_at=created_at,
        started_at=started_at,
        ended_at=number(status.get("ended_at")),
        heartbeat_at=None if life is None else life.heartbeat_at,
        hostname=_text(meta.get("hostname")) or "",
        group=_text(user.get("group")) or _text(meta.get("group")),
        job_type=_text(meta.get("job_type")),
        display_name=_text(user.get("display_name")),
        tags=_texts(user.get("tags")),
        note=_text(user.get("note")) or "",
        pinned=user.get("pinned") is True,
        archived=user.get("archived") is True,
        best=best,
        summary=summary,
        artifacts_created=_objects(artifacts.get("created")),
        artifacts_used=_objects(artifacts.get("used")),
        trouble=_objects(status.get("trouble")),
        exit=ending if isinstance(ending, Mapping) else None,
        deleted_at=(number(deleted.get("deleted_at")) or created_at) if ".deleted" in documents.names else None,
        delete_reason=_text(deleted.get("reason")) or "",
        format=version,
    )
    return Description(record) if life is None else Description(record, life, evolve(record, status="crashed"))


def _version(meta: Mapping[str, Any], place: Place) -> str:
    if "runicorn_format" in meta:
        return "runicorn"
    return "runicorn-0.7" if place.project is None and "path" in meta else "runicorn-0.5"


def _ref(place: Place, meta: Mapping[str, Any]) -> RunRef:
    run_id = _text(meta.get("id"))
    if not run_id or "/" in run_id or "\x00" in run_id:
        run_id = place.folder.rpartition("/")[2]
    project = place.project or _text(meta.get("project")) or "default"
    name = place.name or _text(meta.get("name")) or "default"
    return RunRef(run_id, project, name, place.folder)


def _signs(place: Place, meta: Mapping[str, Any], since: float, version: str) -> SignsOfLife:
    pid = meta.get("pid")
    pid = pid if isinstance(pid, int) else None
    host = _text(meta.get("hostname")) or ""
    if version != "runicorn":
        return SignsOfLife(max(since, last_logged(place.path)), (), True, host, pid)
    return SignsOfLife(since, read_writers(place.path), False, host, pid)


def _best(value: JSON) -> Best | None:
    """None for what has not the four members: that is the user's own."""
    if not isinstance(value, Mapping) or value.keys() != {"metric", "value", "step", "mode"}:
        return None
    best, step = number(value["value"]), number(value["step"])
    if best is None:
        return None
    return Best(
        metric=str(value.get("metric", "")),
        value=best,
        step=int(step) if step is not None and math.isfinite(step) else None,
        mode="min" if value.get("mode") == "min" else "max",
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: JSON) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _objects(value: JSON) -> tuple[Mapping[str, JSON], ...]:
    return tuple(item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else ()
