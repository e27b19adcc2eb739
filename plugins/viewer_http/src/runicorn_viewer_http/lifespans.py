"""What plugins do from the viewer's start to its end (``viewer_lifespan``)."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from runicorn.hooks import note_failure, viewer_lifespan

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

ENTER_S = 5.0
LEAVE_S = 0.5


class Lifespans:
    """Each plugin's context is entered and left in one task of its own; none waits for another."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Enter all; returns when each has been entered or has failed, after five seconds at the latest."""
        entered: list[asyncio.Task[object]] = []
        for plugin, context in viewer_lifespan(self._viewer):
            ready = asyncio.Event()
            task = asyncio.ensure_future(self._hold(plugin, context, ready))
            self._tasks.add(task)
            entered.append(asyncio.ensure_future(ready.wait()))
        if entered:
            _, late = await asyncio.wait(entered, timeout=ENTER_S)
            for waiting in late:
                waiting.cancel()

    async def stop(self) -> None:
        """Leave all, within half a second. ``viewer.stopping`` is set by now."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=LEAVE_S)
        for task in late:
            task.cancel()

    async def _hold(self, plugin: str, context: AbstractAsyncContextManager[Any], ready: asyncio.Event) -> None:
        def late() -> None:
            note_failure(plugin, "viewer_lifespan", TimeoutError(f"was not entered within {ENTER_S:g} s"))

        timer = asyncio.get_running_loop().call_later(ENTER_S, late)
        try:
            async with context:
                timer.cancel()
                ready.set()
                await self._viewer.stopping.wait()
        except Exception as error:  # noqa: BLE001 (a plugin may raise anything)
            note_failure(plugin, "viewer_lifespan", error)
        finally:
            timer.cancel()
            ready.set()
