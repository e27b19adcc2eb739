"""Channels of a connection, opened for somebody who may give up meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from .errors import ConnectionLost, ForwardingForbidden, NotConnected

if TYPE_CHECKING:
    import asyncssh

T = TypeVar("T")
Streams: TypeAlias = "tuple[asyncssh.SSHReader[bytes], asyncssh.SSHWriter[bytes]]"
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


async def stream(opening: Awaitable[Streams], host: str, what: str) -> tuple[LineReader, LineWriter]:
    """A stream from over there.

    :param what: it leads to, for people.
    :raises ForwardingForbidden: the server lets nobody.
    :raises NotConnected: the connection is down, or nothing listens there.
    """
    import asyncssh

    try:
        reader, writer = await opened(opening, lambda streams: streams[1].close())
    except asyncssh.ChannelOpenError as error:
        if error.code == asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED:
            raise ForwardingForbidden(host) from error
        raise NotConnected(host, f"{what} there: {error.reason}") from error
    except (OSError, asyncssh.Error) as error:
        raise NotConnected(host, f"{what} there: {error}") from error
    return LineReader(reader, host), LineWriter(writer, host)


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


class LineReader:
    """What comes over a line. Its errors are those of connections."""

    def __init__(self, reader: asyncssh.SSHReader[bytes], host: str) -> None:
        self._reader, self._host = reader, host

    async def read(self, n: int = -1) -> bytes:
        """
        :raises ConnectionLost: the line broke.
        """
        import asyncssh

        try:
            return await self._reader.read(n)
        except (OSError, asyncssh.Error) as error:
            raise ConnectionLost(self._host) from error


class LineWriter:
    """What goes over a line. Its errors are those of connections."""

    def __init__(self, writer: asyncssh.SSHWriter[bytes], host: str) -> None:
        self._writer, self._host = writer, host

    def write(self, data: bytes) -> None:
        self._writer.write(data)

    async def drain(self) -> None:
        """
        :raises ConnectionLost: the line broke.
        """
        import asyncssh

        try:
            await self._writer.drain()
        except (OSError, asyncssh.Error) as error:
            raise ConnectionLost(self._host) from error

    def close(self) -> None:
        self._writer.close()
