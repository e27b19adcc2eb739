"""An import as a job of the viewer."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from attrs import asdict, evolve
from runicorn.contracts.http import Reply
from runicorn.managing import ImportProgress, ImportRequest
from runicorn.serialize import dumps
from runicorn.types import JSON

from .several import bring_each
from .unpacked import unpacked

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

    from ..jobs.job import Job
    from ..jobs.jobs import Jobs


class RunOutcome(TypedDict):
    source: str
    run: str
    became: str  # added, updated, replaced, renamed, there, skipped, failed
    reason: str
    points: int
    lines: int
    media: int
    artifacts: int
    bytes: int
    left_out: dict[str, int]
    part: str
    told: list[str]


class ImportAnswer(TypedDict):
    preview: bool
    importer: str
    title: str  # what that reads
    runs: int  # that were, or would be, brought in
    outcomes: list[RunOutcome]


def import_reply(
    jobs: Jobs,
    viewer: Viewer,
    request: ImportRequest,
    wait_s: float,
    folder: Path | None = None,
) -> Reply:
    """Begin the import; the answer is its outcome, or the job where it takes longer.

    :param folder: holds nothing but what is imported, and is the job's from now on: after a preview it stays as long as
        the job does, so that what was looked at can be brought in; else it goes with the import.
    """

    def work(job: Job) -> JSON:
        def told(at: ImportProgress) -> None:
            job.tell(at.done, at.total or None, "bytes", f"run {at.runs + 1}: {at.run}")

        job.source = request.path
        try:
            with unpacked(request.path, lambda size: job.tell(size, None, "bytes", "unpacking")) as path:
                importer, outcomes = bring_each(viewer.store, evolve(request, path=path), told)
        finally:
            if folder is not None and not request.preview:
                shutil.rmtree(folder, ignore_errors=True)
        brought = sum(outcome.brought and not outcome.part for outcome in outcomes)
        told_of: list[JSON] = [asdict(outcome) for outcome in outcomes]
        answer: dict[str, JSON] = {"preview": request.preview, "importer": importer.name, "title": importer.title}
        return {**answer, "runs": brought, "outcomes": told_of}

    what = "preview of" if request.preview else "import of"
    job = jobs.start("import", f"{what} {request.path.name}", work, folder)
    if wait_s and job.wait(wait_s):
        try:
            job.outcome()
        finally:
            jobs.forget(job)
        return Reply(dumps(job.result))
    return Reply(dumps(job.answer()), 202, headers={"Location": f"/api/jobs/{job.id}"})
