"""Threads for work that would block the event loop.

They are daemons: a long computation never keeps a stopped viewer alive (the standard library's pools are
joined at exit).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

Result = TypeVar("Result")
_Job: TypeAlias = "tuple[Callable[[], Any], asyncio.AbstractEventLoop, asyncio.Future[Any]]"


class Workers:
    """A fixed number of threads, started when they are first needed. Any event loop of any thread may use them."""

    def __init__(self, size: int = 8) -> None:
        self._size = size
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()

    def run(self, work: Callable[[], Result]) -> asyncio.Future[Result]:
        """Start ``work`` on a thread; await the result. Cancelling the future does not stop work that has begun."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        with self._lock:
            if not self._idle.acquire(blocking=False) and len(self._threads) < self._size:
                thread = threading.Thread(target=self._serve, name=f"viewer-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
        self._jobs.put((work, loop, future))
        return future

    def close(self) -> None:
        """Let idle threads end; busy ones end after their work, or with the process."""
        with self._lock:
            for _ in self._threads:
                self._jobs.put(None)

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, loop, future = job
            if not future.cancelled():
                try:
                    result, error = work(), None
                except BaseException as raised:  # noqa: BLE001 (handed to whoever awaits)
                    result, error = None, raised
                _hand_over(loop, future, result, error)
            del job, work, future
            self._idle.release()


def _hand_over(
    loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], result: object, error: BaseException | None
) -> None:
    def settle() -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        elif isinstance(error, StopIteration):
            future.set_exception(RuntimeError("a worker's function raised StopIteration"))
        else:
            future.set_exception(error)

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:  # the loop is closed: the viewer has stopped and nobody waits
        return
