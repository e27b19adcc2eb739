"""Connections to the viewer over there, kept and used again: opening one costs a journey there and back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import Protocol, TypeAlias

import h11

HEAD_LIMIT = 128 * 1024  # bytes of a head: addresses with hundreds of metrics fit
CHUNK = 64 * 1024
_IDLE_S = 20.0  # the viewer closes what is idle for 30 s
_KEPT = 24


class Reader(Protocol):
    """What is read from: asyncio's and asyncssh's streams."""

    async def read(self, n: int = ..., /) -> bytes: ...


class Writer(Protocol):
    """What is written to."""

    def write(self, data: bytes, /) -> None: ...

    async def drain(self) -> None: ...

    def close(self) -> None: ...


OpenStream: TypeAlias = Callable[[], Awaitable[tuple[Reader, Writer]]]


class Unreachable(ConnectionError):
    """Nothing answers over there, or there is no way to it."""


class Upstream:
    """One connection to the viewer."""

    def __init__(self, reader: Reader, writer: Writer, heard: Callable[[], None] = lambda: None) -> None:
        """
        :param heard: called whenever something has come.
        """
        self.reader, self.writer, self.heard = reader, writer, heard
        self.http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT)
        self.fresh = True  # one that was kept may have been closed in the meantime
        self.idle_since = 0.0

    async def send(self, event: h11.Request | h11.Data | h11.EndOfMessage) -> None:
        data = self.http.send(event)
        if data:
            self.writer.write(data)
            await self.writer.drain()

    async def receive(self) -> h11.Event | type[h11.PAUSED]:
        event = await next_event(self.http, self.reader)
        self.heard()
        return event

    def reusable(self) -> bool:
        """Whether the exchange is over and another one may follow."""
        if self.http.our_state is not h11.DONE or self.http.their_state is not h11.DONE:
            return False
        self.http.start_next_cycle()
        return True

    def close(self) -> None:
        with suppress(OSError, RuntimeError):
            self.writer.close()


async def next_event(http: h11.Connection, reader: Reader) -> h11.Event | type[h11.PAUSED]:
    """The next event of one side of a connection.

    :raises h11.RemoteProtocolError: the other side does not speak HTTP, or stopped in the middle.
    """
    while (event := http.next_event()) is h11.NEED_DATA:
        try:
            http.receive_data(await reader.read(CHUNK))
        except (OSError, asyncio.IncompleteReadError):
            http.receive_data(b"")
    assert event is not h11.NEED_DATA
    return event  # type: ignore[return-value]  # the sentinel is excluded above


class Pool:
    """Connections that nobody uses at the moment. Belongs to one event loop."""

    def __init__(self) -> None:
        self._idle: list[Upstream] = []

    @property
    def size(self) -> int:
        """How many there are that are young enough."""
        return sum(monotonic() - kept.idle_since < _IDLE_S for kept in self._idle)

    def take(self) -> Upstream | None:
        """The one that was used last, if it is young enough."""
        while self._idle:
            kept = self._idle.pop()
            if monotonic() - kept.idle_since < _IDLE_S:
                return kept
            kept.close()
        return None

    def keep(self, upstream: Upstream) -> None:
        upstream.idle_since, upstream.fresh = monotonic(), False
        self._idle.append(upstream)
        while len(self._idle) > _KEPT:
            self._idle.pop(0).close()

    def clear(self) -> None:
        """Close all: they belong to a line that is no more."""
        for kept in self._idle:
            kept.close()
        self._idle.clear()
