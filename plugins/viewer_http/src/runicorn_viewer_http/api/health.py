"""``GET /api/health``."""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING, Literal, TypedDict

from runicorn import __version__
from runicorn.contracts import Store, Viewer
from runicorn.contracts.http import Call, Endpoint, NoBody, NoQuery
from runicorn.hooks import run_health_checks

if TYPE_CHECKING:
    from collections.abc import Iterable

FRESH_S = 1.0
KEPT_S = 5.0


class CheckAnswer(TypedDict):
    """The outcome of one check."""

    name: str
    ok: bool
    ms: float
    detail: str


class StorageAnswer(TypedDict):
    root: str
    backend: str
    runs: int


class Health(TypedDict):
    """``degraded``: at least one check failed."""

    status: Literal["ok", "degraded"]
    version: str
    storage: StorageAnswer
    checks: list[CheckAnswer]


def endpoints(viewer: Viewer) -> Iterable[Endpoint[NoQuery, NoBody]]:
    board = HealthBoard(viewer.store)

    def health(_: Call[NoQuery, NoBody]) -> Health:
        """Whether the viewer and its storage work, and the checks of all plugins. At most five seconds old."""
        return board.read()

    yield Endpoint("GET", "/api/health", health, answer=Health)


class HealthBoard:
    """The last outcome of all checks. Whoever polls a busy viewer is answered at once, and never waits for disks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()  # one look at a time
        self._last: tuple[float, Health] | None = None

    def read(self) -> Health:
        """The last outcome when it is young enough, else a new one. Any thread."""
        last = self._last
        if last is None or monotonic() - last[0] > KEPT_S:
            with self._lock:
                return self._young() or self._look()
        if monotonic() - last[0] > FRESH_S and self._lock.acquire(blocking=False):
            threading.Thread(target=self._look_and_release, name="viewer-health", daemon=True).start()
        return last[1]

    def _young(self) -> Health | None:
        """What somebody else found while this thread waited."""
        return self._last[1] if self._last is not None and monotonic() - self._last[0] < FRESH_S else None

    def _look_and_release(self) -> None:
        try:
            self._look()
        finally:
            self._lock.release()

    def _look(self) -> Health:
        checks: list[CheckAnswer] = [
            {"name": check.name, "ok": check.ok, "ms": round(check.ms, 3), "detail": check.detail}
            for check in run_health_checks()
        ]
        store = self._store
        health: Health = {
            "status": "ok" if all(check["ok"] for check in checks) else "degraded",
            "version": __version__,
            "storage": {"root": str(store.root), "backend": store.backend, "runs": len(store.list_runs())},
            "checks": checks,
        }
        self._last = (monotonic(), health)
        return health
