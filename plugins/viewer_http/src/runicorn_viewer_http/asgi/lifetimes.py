"""Ending the viewer: sockets are asked to close, and what goes on is cut off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

if TYPE_CHECKING:
    from ..app import RunningViewer

POLITE_S = 0.3


class Lifetimes:
    """Knows every request and socket in progress."""

    def __init__(self, app: ASGIApp, viewer: RunningViewer) -> None:
        self._app, self._viewer = app, viewer
        self._open: set[asyncio.Task[object]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._app(scope, receive, send)
        finally:
            self._open.discard(task)

    async def stop(self) -> None:
        """Tell everybody, wait a moment, cancel the rest. Returns within half a second."""
        self._viewer.stopping.set()
        if self._open:
            await asyncio.wait(self._open, timeout=POLITE_S)
        for task in self._open:
            task.cancel()
        self._viewer.workers.close()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
