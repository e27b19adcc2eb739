"""Reading that goes on when whoever asked for it can wait no longer."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")

#: How long the thread waits for more before it ends.
_IDLE_S = 10.0


class Background:
    """One thread at most, which no process waits for at its end. Thread-safe."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None

    def submit(self, act: Callable[[], Result]) -> Future[Result]:
        """Do it after what was submitted before."""
        future: Future[Result] = Future()

        def run() -> None:
            try:
                future.set_result(act())
            except BaseException as error:  # noqa: BLE001 (it is raised to whoever asks for the result)
                future.set_exception(error)

        with self._condition:
            self._waiting.append(run)
            self._condition.notify()
            if self._thread is None or not self._thread.is_alive():  # a forked child has none
                self._thread = threading.Thread(target=self._work, name="runicorn-looking", daemon=True)
                self._thread.start()
        return future

    def _work(self) -> None:
        while True:
            with self._condition:
                if not self._condition.wait_for(lambda: self._waiting, _IDLE_S):
                    self._thread = None
                    return
                run = self._waiting.popleft()
            run()


background = Background()
