"""An import as a job of the viewer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypedDict

from attrs import asdict, evolve
from runicorn.contracts.http import Reply
from runicorn.managing import ImportProgress, ImportRequest, import_runs
from runicorn.serialize import dumps
from runicorn.types import JSON

from .unpacked import unpacked

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

    from ..jobs.job import Job
    from ..jobs.jobs import Jobs


class RunOutcome(TypedDict):
    source: str
    run: str
    became: str  # added, replaced, renamed, there, skipped, failed
    reason: str
    points: int
    lines: int
    media: int
    bytes: int
    left_out: dict[str, int]
    part: str
    told: list[str]


class ImportAnswer(TypedDict):
    preview: bool
    runs: int  # that were, or would be, brought in
    outcomes: list[RunOutcome]


def import_reply(
    jobs: Jobs,
    viewer: Viewer,
    request: ImportRequest,
    wait_s: float,
    *,
    done: Callable[[], object] = lambda: None,
) -> Reply:
    """Begin the import; the answer is its outcome, or the job where it takes longer.

    :param done: called once when the import is over, however.
    """

    def work(job: Job) -> JSON:
        def told(at: ImportProgress) -> None:
            job.tell(at.done, at.total or None, "bytes", f"run {at.runs + 1}: {at.run}")

        try:
            with unpacked(request.path, lambda size: job.tell(size, None, "bytes", "unpacking")) as path:
                outcomes = list(import_runs(viewer.store, evolve(request, path=path), told))
        finally:
            done()
        brought = sum(outcome.brought and not outcome.part for outcome in outcomes)
        told_of: list[JSON] = [asdict(outcome) for outcome in outcomes]
        return {"preview": request.preview, "runs": brought, "outcomes": told_of}

    what = "preview of" if request.preview else "import of"
    job = jobs.start("import", f"{what} {request.path.name}", work)
    if wait_s and job.wait(wait_s):
        try:
            job.outcome()
        finally:
            jobs.forget(job)
        return Reply(dumps(job.result))
    return Reply(dumps(job.answer()), 202, headers={"Location": f"/api/jobs/{job.id}"})
