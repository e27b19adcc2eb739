"""``GET /api/health``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

from runicorn import __version__
from runicorn.contracts import Viewer
from runicorn.contracts.http import Call, Endpoint, NoBody, NoQuery
from runicorn.hooks import run_health_checks

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    store = viewer.store

    def health(_: Call[NoQuery, NoBody]) -> Health:
        """Whether the viewer and its storage work, and the checks of all plugins."""
        checks: list[CheckAnswer] = [
            {"name": check.name, "ok": check.ok, "ms": round(check.ms, 3), "detail": check.detail}
            for check in run_health_checks()
        ]
        return {
            "status": "ok" if all(check["ok"] for check in checks) else "degraded",
            "version": __version__,
            "storage": {"root": str(store.root), "backend": store.backend, "runs": len(store.list_runs())},
            "checks": checks,
        }

    yield Endpoint("GET", "/api/health", health, answer=Health)
