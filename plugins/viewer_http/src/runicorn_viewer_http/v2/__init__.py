"""The endpoints of v2: pages and columns, one Arrow stream for many curves. What the web interface uses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runicorn.contracts import Viewer


def routes(viewer: Viewer) -> Iterable[Any]:
    """Every endpoint and socket of v2."""
    from runicorn.hooks import viewer_topics

    from . import changes, details, experiments, fields, metrics, runs
    from .live import Live
    from .topics import Following

    store = viewer.store
    live = Live(store, Following(viewer_topics(viewer)))
    for subject in (runs, experiments, fields, metrics, details):
        yield from subject.endpoints(store)
    yield from changes.endpoints(live)
    yield from changes.routes(viewer, live)
