"""Jobs over HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, TypedDict
from urllib.parse import quote

from attrs import frozen
from runicorn.contracts.http import About, Call, Endpoint, NoBody, NoQuery, Reply
from runicorn.errors import Problem

from .job import Job, JobAnswer
from .jobs import jobs_of

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

_PIECE = 1 << 20


@frozen
class JobQuery:
    id: Annotated[str, About("The job's id.", max_length=100)]


class Ended(TypedDict):
    cancelled: bool  # it worked or waited; else it was over, and its file is removed


def routes(viewer: Viewer) -> Iterable[Endpoint[Any, Any]]:
    """``/api/jobs``, whoever started them."""
    jobs = jobs_of(viewer)

    def listing(_: Call[NoQuery, NoBody]) -> list[JobAnswer]:
        """Every job that works, waits, or ended within the last hour; newest first."""
        return [job.answer() for job in jobs.list()]

    def job(call: Call[JobQuery, NoBody]) -> JobAnswer:
        """One job: what it does, how far it is, how it ended."""
        return jobs.get(call.query.id).answer()

    def file(call: Call[JobQuery, NoBody]) -> Reply:
        """The file that a job has made. It may be fetched again until the job is forgotten."""
        found = jobs.get(call.query.id)
        found.outcome()
        if found.file is None:
            raise Problem(404, "job-without-file", f"{found.title} has made no file", id=found.id)
        return file_reply(found)

    def cancel(call: Call[JobQuery, NoBody]) -> Ended:
        """Stop a job, or forget one that is over; nothing of it remains."""
        found = jobs.get(call.query.id)
        working = not found.over
        jobs.forget(found)
        return {"cancelled": working}

    missing = {404: "there is no such job"}
    return (
        Endpoint("GET", "/api/jobs", listing, list[JobAnswer]),
        Endpoint("GET", "/api/jobs/{id}", job, JobAnswer, JobQuery, statuses=missing),
        Endpoint("DELETE", "/api/jobs/{id}", cancel, Ended, JobQuery, statuses=missing),
        Endpoint(
            "GET",
            "/api/jobs/{id}/file",
            file,
            None,
            JobQuery,
            also={"application/octet-stream": "The file, in its own media type."},
            statuses={**missing, 409: "it is not done yet", 410: "it was cancelled"},
        ),
    )


def file_reply(job: Job, forget: Any = None) -> Reply:
    """A job's file as a download.

    :param forget: called when it has been sent, or the client has gone.
    """
    assert job.file is not None
    name = job.file.name
    kind, _, charset = job.file.media_type.partition(";")
    if charset and not kind.startswith("text/"):  # of a text the viewer says it
        kind = job.file.media_type
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Length": str(job.file.path.stat().st_size),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Reply(_pieces(job, forget), media_type=kind, headers=headers)


def _pieces(job: Job, forget: Any) -> Iterator[bytes]:
    assert job.file is not None
    try:
        with job.file.path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
    finally:
        if forget is not None:
            forget(job)
