"""When the time of a file says all about its content, on a clock that counts whole seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from runicorn.contracts import FileEntry

#: Two changes within one second may leave the same time and size. So much later the second is over.
TICK_S = 1.1


class Settling:
    """Remembers what was seen when. Thread-safe.

    No clocks are compared: a second is over when a later time was seen anywhere over there, or when the same time is
    still there more than a second after it was first seen.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest = 0.0
        self._first: dict[str, tuple[float, int, float]] = {}

    def saw(self, entries: Iterable[FileEntry]) -> None:
        newest = max((entry.modified_at for entry in entries), default=0.0)
        with self._lock:
            self._newest = max(self._newest, newest)

    def settled(self, entry: FileEntry) -> bool:
        """Whether whatever changes from now on changes the time or size of this entry."""
        with self._lock:
            if entry.modified_at < self._newest - 2.0:
                self._first.pop(entry.path, None)
                return True
            now = time.monotonic()
            seen = self._first.get(entry.path)
            if seen is None or seen[:2] != (entry.modified_at, entry.size):
                self._first[entry.path] = (entry.modified_at, entry.size, now)
                return False
            return now - seen[2] > TICK_S

    def young(self, entries: Iterable[FileEntry]) -> bool:
        """Whether one of them is about as young as the youngest thing over there."""
        return any(not self.settled(entry) for entry in entries)
