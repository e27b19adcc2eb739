"""The endpoints of v1, one module for each subject. All are offered through the ``viewer_routes`` hook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runicorn.contracts import Viewer


def routes(viewer: Viewer) -> Iterable[Any]:
    """Every endpoint and socket of this plugin."""
    from . import (
        alerts,
        configuration,
        experiments,
        health,
        logs,
        managing,
        media,
        metrics,
        plugins,
        preferences,
        projects,
        recycle_bin,
        runs,
        sockets,
        system,
    )

    store = viewer.store
    yield from health.endpoints(viewer)
    yield from plugins.endpoints()
    yield from configuration.endpoints()
    for subject in (
        projects,
        experiments,
        recycle_bin,
        managing,
        runs,
        logs,
        media,
        metrics,
        alerts,
        system,
        preferences,
    ):
        yield from subject.endpoints(store)
    yield from sockets.routes(viewer)
