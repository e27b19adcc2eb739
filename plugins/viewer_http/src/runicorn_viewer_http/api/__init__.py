"""The endpoints of v1, one module for each subject. All are offered through the ``viewer_routes`` hook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runicorn.contracts import Viewer


def routes(viewer: Viewer) -> Iterable[Any]:
    """Every endpoint and socket of this plugin."""
    from . import (
        experiments,
        health,
        metrics,
        runs,
    )

    store = viewer.store
    yield from health.endpoints(viewer)
    yield from experiments.endpoints(store)
    yield from runs.endpoints(store)
    yield from metrics.endpoints(store)
