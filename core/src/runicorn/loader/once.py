"""An event for threads that a signal handler may come upon while they set it or wait for it."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue


class Once:
    """Happens once. Any thread, and signal handlers that do the same as what they have interrupted.

    ``threading.Event`` and ``Thread.join`` hold a lock for a moment: a handler that comes right then, and ends a run
    as what it has interrupted does, would wait for it for ever.
    """

    def __init__(self) -> None:
        self._happened = False
        self._wakes: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """It has happened."""
        self._happened = True  # first: who comes from here on does not wait
        self._wakes.put(None)

    def is_set(self) -> bool:
        return self._happened

    def wait(self, timeout_s: float) -> bool:
        """Whether it has happened, within this time."""
        if not self._happened:
            try:
                self._wakes.get(timeout=min(max(0.0, timeout_s), threading.TIMEOUT_MAX))
            except Empty:
                return self._happened
            self._wakes.put(None)  # for the next one who waits
        return True
