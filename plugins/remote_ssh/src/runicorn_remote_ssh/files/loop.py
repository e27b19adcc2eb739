"""An event loop on a thread of its own, for callers that block."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from runicorn.errors import StorageUnreachable

Value = TypeVar("Value")


class LoopThread:
    """Runs coroutines for any thread. A child that was forked gets a loop of its own."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pid = -1

    def call(self, work: Coroutine[Any, Any, Value], timeout_s: float, where: str) -> Value:
        """Wait for a coroutine.

        :raises StorageUnreachable: it took longer; it is cancelled.
        """
        future = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            return future.result(timeout_s)
        except concurrent.futures.TimeoutError:
            if future.done():
                raise
            future.cancel()
            raise StorageUnreachable("waiting for an answer", where, f"none came within {timeout_s:g} s") from None
        except BaseException:
            future.cancel()
            raise

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None or self._pid != os.getpid():
                self._loop, self._pid = asyncio.new_event_loop(), os.getpid()
                threading.Thread(target=self._loop.run_forever, name=self._name, daemon=True).start()
            return self._loop


#: The one loop of all transports of this process.
TRANSFERS = LoopThread("runicorn-sftp")
