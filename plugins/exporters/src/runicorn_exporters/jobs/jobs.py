"""The jobs of one viewer: two work at a time, the others wait; what they made is kept for an hour."""

from __future__ import annotations

import os
import secrets
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from runicorn.config import cache_dir
from runicorn.errors import Problem
from runicorn.host import process_alive, process_started
from runicorn.types import JSON

from .job import Job

if TYPE_CHECKING:
    from pathlib import Path

    from runicorn.contracts import Viewer

WORKERS = 2
KEPT_S = 3600.0  # after its end
MOST = 100  # that wait or work


class Jobs:
    """Thread-safe. What jobs make lies in the user's cache folder, for this user alone, and goes with the viewer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def start(self, kind: str, title: str, work: Callable[[Job], JSON], folder: Path | None = None) -> Job:
        """Begin, or wait for a turn.

        :param folder: a scratch folder that is the job's from now on, when this does not raise.
        :param work: gets the job; what it returns is the job's ``result``, what it raises its ``error``.
        :raises Problem: 429, too many wait already.
        """
        self._forget_old()
        with self._lock:
            if sum(not job.over for job in self._jobs.values()) >= MOST:
                raise Problem(429, "too-many-jobs", f"{MOST} jobs wait already; cancel some or try again later")
            if self._pool is None:
                self._pool = ThreadPoolExecutor(WORKERS, "runicorn-job")
            name = secrets.token_hex(8)
            job = self._jobs[name] = Job(name, kind, title, folder or self._folder / name)
            self._pool.submit(job.run, work)
        return job

    def scratch(self) -> Path:
        """A folder that is not made yet, for what is needed before a job begins; it goes with the viewer."""
        return self._folder / f"upload-{secrets.token_hex(8)}"

    def list(self) -> list[Job]:
        """Newest first."""
        self._forget_old()
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: job.created_at, reverse=True)

    def get(self, name: str) -> Job:
        """:raises Problem: 404."""
        with self._lock:
            job = self._jobs.get(name)
        if job is None:
            raise Problem(404, "job-not-found", f"there is no job {name!r}; jobs are kept for an hour", id=name)
        return job

    def hold(self, job: Job) -> None:
        """Keep what it made for as long again: somebody goes on with it."""
        if job.ended_at is not None:
            job.ended_at = time.time()

    def forget(self, job: Job) -> None:
        """Cancel it where it works, and remove what it made."""
        job.cancel()
        with self._lock:
            self._jobs.pop(job.id, None)
        if job.over:
            shutil.rmtree(job.folder, ignore_errors=True)

    def close(self) -> None:
        """Cancel everything and remove all files. Waits for nothing."""
        with self._lock:
            jobs, self._jobs = list(self._jobs.values()), {}
            pool, self._pool = self._pool, None
        for job in jobs:
            job.cancel()
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _forget_old(self) -> None:
        now = time.time()
        for job in list(self._jobs.values()):
            if job.ended_at is not None and now - job.ended_at > KEPT_S:
                self.forget(job)


_OF: dict[int, Jobs] = {}


def jobs_of(viewer: Viewer) -> Jobs:
    """The jobs of a viewer, the same for everybody who asks."""
    found = _OF.get(id(viewer))
    if found is None:
        found = _OF[id(viewer)] = Jobs(own_folder())
    return found


@asynccontextmanager
async def while_it_serves(viewer: Viewer) -> AsyncIterator[None]:
    """Removes what killed viewers have left behind, and at the end what this one has."""
    import asyncio

    jobs_of(viewer)
    await asyncio.to_thread(sweep)
    try:
        yield
    finally:
        jobs = _OF.pop(id(viewer), None)
        if jobs is not None:
            jobs.close()


def own_folder() -> Path:
    """A folder that is not made yet, for files that are to be gone with this process."""
    pid = os.getpid()
    return cache_dir() / "jobs" / f"{pid}-{process_started(pid) or 0:.0f}-{secrets.token_hex(3)}"


def sweep() -> None:
    """Remove the files of processes that were killed."""
    try:
        left = list((cache_dir() / "jobs").iterdir())
    except OSError:
        return
    for folder in left:
        pid, _, rest = folder.name.partition("-")
        started = rest.partition("-")[0]
        if pid.isdigit() and started.isdigit() and process_alive(int(pid), float(started) or None) is False:
            shutil.rmtree(folder, ignore_errors=True)
