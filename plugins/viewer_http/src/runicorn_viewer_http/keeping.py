"""When a viewer that another program started ends by itself: nobody holds it any more, or nobody asks."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

#: GET: the answer goes on for as long as both sides live. DELETE: ends the viewer at once.
HOLD_PATH = "/api/hold"
GRACE_S = 3.0


class Keeper:
    """Sets ``stop`` when the viewer has no reason to live any more. Belongs to one event loop.

    A **held** viewer (``grace_s`` is given) belongs to the program at the other end of its standard input. Such a
    program may also hold it by ``GET /api/hold``; from the first such request on, requests alone hold it: a standard
    input may stay open for hours behind a network that was cut. When nothing holds it, it ends after ``grace_s``
    seconds, unless somebody takes hold of it in the meantime.

    An **idle** viewer ends ``idle_s`` seconds after the last request, while none is being answered. An open socket is
    use, too, except in a held viewer, where only what it says counts: its holder asks for the health all the time, and
    the other ends of sockets may be gone without a word.
    """

    def __init__(
        self,
        *,
        idle_s: float | None = None,
        grace_s: float | None = None,
        introduction: Mapping[str, object] | None = None,
    ) -> None:
        self.held_by_somebody = grace_s is not None
        self.introduction = dict(introduction or {})
        self.reason: str | None = None
        self._idle_s, self._grace_s = idle_s, grace_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed: asyncio.Event | None = None
        self._input_open, self._ever_held, self._told_to_end = True, False, False
        self._holds = self._busy = 0
        self._used_at = monotonic()
        self._released_at: float | None = None

    def input_ended(self) -> None:
        """Standard input has ended. Any thread, at any time, also before the viewer is served."""
        self._input_open = False
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._note)

    async def watch(self, stop: asyncio.Event) -> None:
        """Set ``stop`` when it is time. Returns then."""
        self._loop, self._changed = asyncio.get_running_loop(), asyncio.Event()
        self._used_at = monotonic()
        self._note()
        while not stop.is_set():
            self._changed.clear()
            ends = self._ends()
            now = monotonic()
            over = [reason for at, reason in ends if at <= now]
            if over:
                self.reason = over[0]
                stop.set()
                return
            soonest = min((at for at, _ in ends), default=None)
            try:
                async with asyncio.timeout(None if soonest is None else soonest - now):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _ends(self) -> list[tuple[float, str]]:
        ends: list[tuple[float, str]] = []
        if self._told_to_end:
            ends.append((0.0, "it was told to end"))
        if self._grace_s is not None and self._released_at is not None:
            ends.append((self._released_at + self._grace_s, "its holder has gone"))
        if self._idle_s is not None and not self._busy:
            ends.append((self._used_at + self._idle_s, "nobody asked for anything"))
        return ends

    def _note(self) -> None:
        held = self._holds > 0 or (self._input_open and not self._ever_held)
        if held:
            self._released_at = None
        elif self._released_at is None:
            self._released_at = monotonic()
        if self._changed is not None:
            self._changed.set()

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application, with its use counted. Stands behind the access rules: only who may ask counts."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "websocket" and self.held_by_somebody:
                await app(scope, self._noticing(receive), send)
            elif scope["type"] in ("http", "websocket"):
                if self.held_by_somebody and scope["path"] == HOLD_PATH and scope["type"] == "http":
                    await self._hold(scope, receive, send)
                else:
                    async with self._use():
                        await app(scope, receive, send)
            else:
                await app(scope, receive, send)

        return counted

    @asynccontextmanager
    async def _use(self) -> AsyncIterator[None]:
        self._busy += 1
        self._used_at = monotonic()
        try:
            yield
        finally:
            self._busy -= 1
            self._used_at = monotonic()
            self._note()

    def _noticing(self, receive: Receive) -> Receive:
        async def noticing() -> Message:
            message = await receive()
            if message["type"] != "websocket.disconnect":
                self._used_at = monotonic()
            return message

        return noticing

    async def _hold(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "DELETE":
            await _answer(send, 204)
            self._told_to_end = True
            self._note()
            return
        if scope["method"] != "GET":
            await _answer(send, 405)
            return
        self._ever_held = True
        self._holds += 1
        self._note()
        try:
            await _answer(send, 200, orjson.dumps(self.introduction) + b"\n")
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._holds -= 1
            self._note()


async def _answer(send: Send, status: int, first: bytes | None = None) -> None:
    headers = [(b"cache-control", b"no-store")]
    headers.append((b"content-type", b"application/x-ndjson") if first else (b"content-length", b"0"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": first or b"", "more_body": first is not None})
