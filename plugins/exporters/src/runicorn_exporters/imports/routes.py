"""``/api/import``: what lies on this machine, where the configuration allows it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import attrs
from attrs import frozen
from runicorn.contracts.http import About, Call, Endpoint, NoBody, NoQuery, Reply
from runicorn.errors import Problem
from runicorn.hooks import importer_for, importers
from runicorn.managing import Conflict, ImportRequest
from runicorn.security import check_project
from runicorn.types import JSON

from ..jobs.jobs import Jobs, jobs_of
from .folders import allowed
from .job import ImportAnswer, import_reply
from .unpacked import is_packed

if TYPE_CHECKING:
    from runicorn.contracts import Viewer


@frozen
class ImportBody:
    """What is to be brought in, and how."""

    path: Annotated[str, About("A file or folder below one of `exporters.import_folders`.", max_length=4096)] = ""
    job: Annotated[str, About("Instead of a path: a preview that is done; what it looked at.", max_length=100)] = ""
    from_: Annotated[
        str | None, About("One of `GET /api/import/formats`; else what it looks like.", max_length=100)
    ] = None
    options: Annotated[dict[str, JSON], About("Options of the importer.")] = attrs.field(factory=dict)
    on_conflict: Annotated[Conflict, About("When another run has a run's place, or it is here and has grown.")] = "skip"
    project: Annotated[str | None, About("Put the runs into this project.", min_length=1, max_length=100)] = None
    preview: Annotated[bool, About("Read everything and say what would come; write nothing.")] = False
    wait_s: Annotated[float, About("How long to wait before it becomes a job.", minimum=0, maximum=30)] = 2


class SourceAnswer(TypedDict):
    name: str
    title: str
    plugin: str
    options: dict[str, JSON]


def routes(viewer: Viewer) -> Iterable[Any]:
    from .folders import folders_endpoint
    from .upload import upload_route

    jobs = jobs_of(viewer)

    def formats(_: Call[NoQuery, NoBody]) -> list[SourceAnswer]:
        """What can be brought in, and the options of each with their defaults."""
        known = importers()
        return [
            {"name": name, "title": each.title, "plugin": known.owner(name), "options": attrs.asdict(each.options())}
            for name, each in sorted(known.items())
        ]

    def bring(call: Call[NoQuery, ImportBody]) -> Reply:
        """Bring in runs from a file or folder of this machine: what became of each, or a job where it takes longer."""
        body = call.body
        if bool(body.path) is bool(body.job):
            raise Problem(400, "what-to-import", "give either path or job")
        path = allowed(body.path) if body.path else _looked_at(jobs, body.job)
        if body.project is not None:
            check_project(body.project)
        if not is_packed(path):  # what is wrong with it is the answer, not a job's
            importer_for(path, body.from_)
        request = ImportRequest(path, body.from_, body.options, body.on_conflict, body.project, body.preview)
        return import_reply(jobs, viewer, request, body.wait_s)

    return [
        Endpoint("GET", "/api/import/formats", formats, list[SourceAnswer]),
        folders_endpoint(),
        Endpoint(
            "POST",
            "/api/import",
            bring,
            ImportAnswer,
            body=ImportBody,
            statuses={
                202: "it takes longer: the job",
                403: "the path is not below a folder that is allowed",
                404: "there is no such job",
                409: "the job is not done, or no import",
                422: "nothing here reads it",
            },
        ),
        upload_route(viewer, jobs),
    ]


def _looked_at(jobs: Jobs, name: str) -> Path:
    """What a preview has read; an upload stays as long as its job.

    :raises Problem: there is no such job, or it is not done.
    """
    job = jobs.get(name)
    job.outcome()
    if job.kind != "import" or job.source is None or not job.source.exists():
        raise Problem(409, "nothing-to-import", f"{job.title} holds nothing to import any more", job_id=job.id)
    jobs.hold(job)
    return job.source
