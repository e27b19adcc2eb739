"""One piece of work and how far it is."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias, TypedDict

from attrs import define, field, frozen
from runicorn.errors import Cancelled, Problem, RunicornError
from runicorn.types import JSON

State: TypeAlias = Literal["waiting", "running", "done", "failed", "cancelled"]


class Progress(TypedDict):
    done: int
    total: int | None  # None: not known
    unit: str
    said: str


class JobAnswer(TypedDict):
    """As ``GET /api/jobs/{id}`` tells it."""

    job_id: str
    kind: str
    title: str
    state: State
    created_at: float
    ended_at: float | None
    progress: Progress
    error: str | None
    file: str | None  # its name; fetched from /jobs/{id}/file
    bytes: int | None
    result: JSON


@frozen
class JobFile:
    """A file that a job has made, in the job's own folder."""

    path: Path
    name: str  # as it is saved
    media_type: str


@define(eq=False)
class Job:
    """Shared by the thread that works and those that ask. ``work`` gets it: to tell, to be stopped, to leave a file."""

    id: str
    kind: str
    title: str
    folder: Path  # for what it makes; removed with the job
    created_at: float = field(factory=time.time)
    state: State = "waiting"
    ended_at: float | None = None
    error: Exception | None = None
    file: JobFile | None = None
    result: JSON = None
    source: Path | None = None  # what it reads, for a job that goes on with it
    _progress: Progress = field(factory=lambda: Progress(done=0, total=None, unit="", said=""))
    _stop: threading.Event = field(factory=threading.Event)
    _over: threading.Event = field(factory=threading.Event)

    def tell(self, done: int, total: int | None, unit: str = "", said: str = "") -> None:
        """How far it is; call it often.

        :raises Cancelled: somebody stopped it: let it through.
        """
        self._progress = Progress(done=done, total=total, unit=unit, said=said)
        if self._stop.is_set():
            raise Cancelled(self.title)

    def cancel(self) -> None:
        """Ask it to stop; it does at its next ``tell``."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Whether it is over by then."""
        return self._over.wait(seconds)

    @property
    def over(self) -> bool:
        return self._over.is_set()

    def run(self, work: Callable[[Job], JSON]) -> None:
        """Do the work; never raises."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.state = "running"
            self.tell(0, None)
            self.result = work(self)
            self._progress = _full(self._progress)
            self.state = "done"
        except Cancelled:
            self.state = "cancelled"
        except Exception as error:  # noqa: BLE001 (whatever it is, who asks for the job is told)
            self.state, self.error = "failed", error
        finally:
            self.ended_at = time.time()
            if self.state != "done":
                shutil.rmtree(self.folder, ignore_errors=True)
            self._over.set()
            if self._stop.is_set():  # asked last: whoever cancels it later finds it over, and removes this
                shutil.rmtree(self.folder, ignore_errors=True)

    def outcome(self) -> None:
        """:raises Exception: what the work failed with. :raises Problem: it was cancelled, or is not done."""
        if self.error is not None:
            raise self.error
        if self.state == "cancelled":
            raise Problem(410, "job-cancelled", f"{self.title} was stopped; nothing of it remains", job_id=self.id)
        if self.state != "done":
            raise Problem(409, "job-not-done", f"{self.title} is not done yet", job_id=self.id)

    def answer(self) -> JobAnswer:
        size = self.file.path.stat().st_size if self.file is not None and self.file.path.exists() else None
        return {
            "job_id": self.id,
            "kind": self.kind,
            "title": self.title,
            "state": self.state,
            "created_at": self.created_at,
            "ended_at": self.ended_at,
            "progress": self._progress,
            "error": None if self.error is None else _said(self.error),
            "file": None if self.file is None else self.file.name,
            "bytes": size,
            "result": self.result,
        }


def _full(progress: Progress) -> Progress:
    """What is told while the last piece is worked on is less than all; at the end it is all."""
    total = progress["done"] if progress["total"] is None else progress["total"]
    return {**progress, "done": total, "total": total}


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, (RunicornError, OSError)) else f"{type(error).__name__}: {error}"
