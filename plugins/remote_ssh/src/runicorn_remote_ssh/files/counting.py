"""What a mirror has done so far, and what it could not do."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from attrs import evolve, frozen


@frozen
class Counts:
    """What has been done so far."""

    runs: int = 0  # that are there
    files: int = 0  # brought
    bytes: int = 0  # brought
    removed: int = 0  # files here that are there no more
    failed: tuple[str, ...] = ()  # what could not be read, and why


class Counting:
    """Counts up. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = Counts()
        self._failed: dict[str, str] = {}

    @property
    def counts(self) -> Counts:
        with self._lock:
            return evolve(self._counts, failed=tuple(f"{path}: {why}" for path, why in sorted(self._failed.items())))

    def there_are(self, runs: int, unread: Iterable[str]) -> None:
        with self._lock:
            self._counts = evolve(self._counts, runs=runs)
            for path in unread:
                self._failed[path] = "may not be read"

    def brought(self) -> None:
        """One file more."""
        with self._lock:
            self._counts = evolve(self._counts, files=self._counts.files + 1)

    def moved(self, size: int) -> None:
        """Bytes more."""
        with self._lock:
            self._counts = evolve(self._counts, bytes=self._counts.bytes + size)

    def removed(self, files: int) -> None:
        with self._lock:
            self._counts = evolve(self._counts, removed=self._counts.removed + files)

    def failed(self, path: str, error: BaseException) -> None:
        with self._lock:
            self._failed[path] = getattr(error, "reason", None) or str(error)

    def succeeded(self, path: str) -> None:
        """It can be read now, if it could not before."""
        with self._lock:
            self._failed.pop(path, None)

    def any_failed(self, folder: str) -> bool:
        """Whether something below a folder could not be read."""
        with self._lock:
            return any(path.startswith(f"{folder}/") for path in self._failed)
