"""Importing what charts need before somebody waits for one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

PAUSE_S = 0.3  # the first page comes first


@asynccontextmanager
async def warmed_up(viewer: Viewer) -> AsyncIterator[None]:
    """Warm up in the background, while the viewer is served."""
    task = asyncio.ensure_future(_warm_up(viewer))
    try:
        yield
    finally:
        task.cancel()


async def _warm_up(viewer: Viewer) -> None:
    await asyncio.sleep(PAUSE_S)
    await viewer.in_thread(lambda: import_module("runicorn_viewer_http.api.metric_tables"))
