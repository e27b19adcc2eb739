"""Channels of a connection, opened for somebody who may give up meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from .errors import NotConnected

if TYPE_CHECKING:
    import asyncssh

T = TypeVar("T")
_AGAIN_S = (0.05, 0.1, 0.2, 0.4)


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


async def session(
    connection: asyncssh.SSHClientConnection, host: str, opening: Callable[[], Awaitable[T]], close: Callable[[T], None]
) -> T:
    """A session (a program, file access), closed if nobody waits for it. A server that allows few of them at a time may
    not have seen yet that one has just ended: it is asked again, for a moment.

    :raises NotConnected: the server opens no other one now.
    :raises asyncssh.Error, OSError: the connection is lost, or what was asked for is not there.
    """
    import asyncssh

    for wait in (*_AGAIN_S, None):
        try:
            return await opened(opening(), close)
        except asyncssh.ChannelOpenError as error:
            if connection.is_closed():
                raise
            if wait is None or error.code == asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED:
                raise NotConnected(host, f"it opens no other session: {error.reason} (MaxSessions?)") from error
            await asyncio.sleep(wait)
    raise AssertionError("the last try returns or raises")
