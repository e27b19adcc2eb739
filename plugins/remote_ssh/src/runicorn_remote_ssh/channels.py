"""Channels of a connection, opened for somebody who may give up meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def opened(opening: Awaitable[T], close: Callable[[T], None]) -> T:
    """What is opened. Who is cancelled before it is there leaves nothing open: it is closed as soon as it is there.

    asyncssh forgets a channel whose opening is cancelled, and the program over there waits for input for ever.
    """
    task = asyncio.ensure_future(opening)

    def forgotten(_: object) -> None:
        if not task.cancelled() and task.exception() is None:
            close(task.result())

    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(forgotten)
        raise
