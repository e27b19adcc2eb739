"""``POST /api/export``: runs as a file, at once or as a job."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import attrs
from attrs import frozen
from runicorn.contracts.http import About, Call, Endpoint, NoBody, NoQuery, Reply
from runicorn.errors import Problem
from runicorn.filters import choose_runs
from runicorn.hooks import ExportProgress, Selection, check_export, export_to_file, exporters
from runicorn.serialize import dumps
from runicorn.types import JSON

from ..jobs.job import Job, JobAnswer, JobFile
from ..jobs.jobs import jobs_of
from ..jobs.routes import file_reply
from .endings import suffix_for
from .told import told_of

if TYPE_CHECKING:
    from runicorn.contracts import Store, Viewer
    from runicorn.model.run import RunRef

_NOT_THERE = 404


@frozen
class ExportBody:
    """Which runs, and as what."""

    format: Annotated[str, About("One of `GET /api/export/formats`.", max_length=100)]
    run_ids: Annotated[
        tuple[Annotated[str, About(min_length=1, max_length=2000)], ...],
        About("Ids of runs, or their folders (`path`) where several carry one id.", max_items=100_000),
    ] = ()
    filter: Annotated[str | None, About("Instead of ids: the filter language.", max_length=100_000)] = None
    options: Annotated[dict[str, JSON], About("Options of the format.")] = attrs.field(factory=dict)
    wait_s: Annotated[float, About("How long to wait for the file before it becomes a job.", minimum=0, maximum=30)] = 2


class OptionAnswer(TypedDict):
    name: str
    default: JSON


class FormatAnswer(TypedDict):
    name: str
    suffix: str
    media_type: str
    plugin: str
    options: list[OptionAnswer]


def routes(viewer: Viewer) -> Iterable[Endpoint[Any, Any]]:
    jobs = jobs_of(viewer)

    def formats(_: Call[NoQuery, NoBody]) -> list[FormatAnswer]:
        """The formats of all active plugins."""
        known = exporters()
        return [_described(name, known.owner(name)) for name in sorted(known)]

    def export(call: Call[NoQuery, ExportBody]) -> Reply:
        """Runs in another format: the file itself, or a job where it takes longer than `wait_s`."""
        body = call.body
        exporter, _ = check_export(body.format, body.options)
        refs = _chosen(viewer.store, body)
        stem = refs[0].id if len(refs) == 1 else "runs"

        def work(job: Job) -> JSON:
            def told(at: ExportProgress) -> None:
                job.tell(at.done, at.runs, "runs", told_of(at))

            path = job.folder / "file"
            export_to_file(body.format, Selection(viewer.store, refs), path, body.options, told)
            suffix = suffix_for(exporter, body.options)
            kind = exporter.media_type if suffix == exporter.suffix else "application/octet-stream"
            job.file = JobFile(path, stem + suffix, kind)
            return {"runs": len(refs)}

        what = f"{len(refs)} runs" if len(refs) > 1 else f"run {refs[0].id}"
        job = jobs.start("export", f"{body.format} of {what}", work)
        if body.wait_s and job.wait(body.wait_s):
            try:
                job.outcome()
            except Exception:
                jobs.forget(job)
                raise
            return file_reply(job, jobs.forget)
        return Reply(dumps(job.answer()), 202, headers={"Location": f"/api/jobs/{job.id}"})

    return (
        Endpoint("GET", "/api/export/formats", formats, list[FormatAnswer]),
        Endpoint(
            "POST",
            "/api/export",
            export,
            JobAnswer,
            body=ExportBody,
            also={"application/octet-stream": "The file, in its own media type, as an attachment."},
            statuses={202: "it takes longer: the job", 404: "one of the runs is not there", 429: "too many jobs"},
        ),
    )


def _chosen(store: Store, body: ExportBody) -> list[RunRef]:
    if bool(body.run_ids) is (body.filter is not None):
        raise Problem(400, "which-runs", "give either run_ids or filter")
    if body.filter is not None:
        found = [record.ref for record in choose_runs(store, body.filter)]
        if not found:
            raise Problem(_NOT_THERE, "run-not-found", f"no run meets {body.filter}", id=body.filter)
        return found
    by_name = {}
    for record in reversed(store.list_runs(deleted=None)):  # oldest first: the newest of an id stays
        by_name[record.ref.id] = by_name[record.ref.folder] = record.ref
    missing = [name for name in body.run_ids if name not in by_name]
    if missing:
        raise Problem(_NOT_THERE, "run-not-found", f"there is no run {missing[0]!r}", id=missing[0])
    return list(dict.fromkeys(by_name[name] for name in body.run_ids))


def _described(name: str, plugin: str) -> FormatAnswer:
    exporter = exporters()[name]
    options: list[OptionAnswer] = [
        {"name": field.name, "default": list(field.default) if isinstance(field.default, tuple) else field.default}
        for field in attrs.fields(exporter.options)
    ]
    return {
        "name": name,
        "suffix": exporter.suffix,
        "media_type": exporter.media_type,
        "plugin": plugin,
        "options": options,
    }
