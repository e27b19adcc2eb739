"""``WS /api/live`` and its polling twin, ``GET /api/v2/changes``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import orjson
from attrs import frozen
from runicorn.contracts.http import About, Call, Endpoint, NoBody
from runicorn.errors import Problem, RunicornError
from runicorn.types import JSON
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from ..asgi.json import encode
from ..asgi.socket import Connection
from ..declare.annotations import shape_of
from ..declare.shapes import Unfit
from .live import Live, Topics
from .watching import ACTIVE_S, LIST_S, QUIET_S

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

log = logging.getLogger("runicorn.viewer")

#: Between two messages to one client.
GAP_S = 0.25
_MOST = 500  # subscriptions of a client
_REST = 20  # times as long as a look took, where nothing is new

Subscription = Annotated[
    str, About("`runs:project` (`runs:` = all), `metrics:run,run`, `log:run`, `topic:name`.", max_length=60_000)
]


@frozen
class ChangesQuery:
    sub: Annotated[tuple[Subscription, ...], About("What to hear of.", max_items=_MOST)] = ()
    seq: Annotated[int | None, About("The last answer's; without it nothing is news.", minimum=0)] = None
    epoch: Annotated[str | None, About("The last answer's.", max_length=100)] = None


class Changes(TypedDict):
    """What is new since `seq`. With `resync` that is not known any more: fetch everything once."""

    seq: int
    epoch: str
    resync: bool
    unknown: Annotated[list[str], About("Runs and topics that do not exist.")]
    notices: list[dict[str, JSON]]


def endpoints(live: Live) -> Iterable[Endpoint[Any, Any]]:
    def changes(call: Call[ChangesQuery, NoBody]) -> Changes:
        """What changed since an earlier answer. For clients without a socket: ask every two seconds."""
        topics = _topics(live, call.query.sub)
        live.hear(topics.plugins)
        live.look([topics])
        return answer(live, topics, call.query.seq, call.query.epoch)

    yield Endpoint("GET", "/api/v2/changes", changes, answer=Changes, query=ChangesQuery)


def _topics(live: Live, subscriptions: Iterable[str]) -> Topics:
    try:
        return live.topics(subscriptions)
    except ValueError as error:
        raise Problem(400, "invalid", str(error), where="sub") from error


def answer(live: Live, topics: Topics, seq: int | None, epoch: str | None) -> Changes:
    now = live.seq
    resync = (epoch is not None and epoch != live.epoch) or (seq is not None and seq > now)
    told = [] if seq is None or resync else live.since(topics, seq)
    return {"seq": now, "epoch": live.epoch, "resync": resync, "unknown": list(topics.unknown), "notices": told}


def routes(viewer: Viewer, live: Live) -> Iterable[BaseRoute]:
    clients = _Clients(viewer, live)

    async def endpoint(websocket: WebSocket) -> None:
        asked: asyncio.Queue[str] = asyncio.Queue(maxsize=16)
        async with Connection(websocket, viewer.stopping, asked) as connection:
            await clients.serve(connection, asked)

    yield WebSocketRoute("/api/live", endpoint)


@frozen
class _Said:
    """What a client sends: ``{"sub": [...], "seq": 12, "epoch": "..."}``; it replaces what it listened to."""

    sub: Annotated[tuple[Subscription, ...], About(max_items=_MOST)]
    seq: Annotated[int | None, About(minimum=0)] = None
    epoch: Annotated[str | None, About(max_length=100)] = None

    @classmethod
    def read(cls, message: str) -> _Said:
        """:raises Unfit: it is none (or ValueError: it is no JSON)."""
        said: _Said = shape_of(cls).read(orjson.loads(message), "")
        return said


class _Client:
    """One socket."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.topics = Topics()
        self.seq = 0


class _Clients:
    """All sockets of a viewer. Files are looked at while there is one."""

    def __init__(self, viewer: Viewer, live: Live) -> None:
        self._viewer, self._live = viewer, live
        self._clients: set[_Client] = set()
        self._looking: asyncio.Task[None] | None = None
        self._hearing: dict[str, asyncio.Task[None]] = {}  # topic of a plugin -> who asks for it
        self._news = asyncio.Condition()
        self._told = 0  # the state that was announced last: others look too, between two looks of ours

    async def serve(self, connection: Connection, asked: asyncio.Queue[str]) -> None:
        client = _Client(connection)
        self._clients.add(client)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._look())
        sending = asyncio.ensure_future(self._send(client))
        try:
            while not connection.gone:
                message = await _next(connection, asked)
                if message is not None and not await self._subscribe(client, message):
                    return
        finally:
            self._clients.discard(client)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            if not self._clients and self._looking is not None:
                self._looking.cancel()
                self._looking = None  # whoever comes while it ends begins another
                for hearing in self._hearing.values():
                    hearing.cancel()
                self._hearing.clear()

    async def _subscribe(self, client: _Client, message: str) -> bool:
        def begin() -> tuple[Topics, Changes]:
            said = _Said.read(message)
            topics = self._live.topics(said.sub)
            self._live.hear(topics.plugins)
            self._live.look([topics], afresh=True)
            return topics, answer(self._live, topics, said.seq, said.epoch)

        try:
            topics, first = await self._viewer.in_thread(begin)
        except (ValueError, Unfit):
            await client.connection.close(4400, "invalid")
            return False
        client.topics, client.seq = topics, first["seq"]
        for name in topics.plugins:
            if name not in self._hearing or self._hearing[name].done():
                self._hearing[name] = asyncio.ensure_future(self._hear(name))
        await client.connection.send(encode(first))
        return True

    async def _hear(self, name: str) -> None:
        while any(name in client.topics.plugins for client in self._clients):
            await self._viewer.in_thread(lambda: self._live.hear([name]))
            await asyncio.sleep(ACTIVE_S)

    async def _look(self) -> None:
        while True:
            topics = [client.topics for client in self._clients]
            began = monotonic()
            try:
                await self._viewer.in_thread(lambda: self._live.look(topics, afresh=True))  # noqa: B023 (awaited at once)
            except (RunicornError, OSError) as error:  # told by every request too; here the next look may do better
                log.warning("looking for changes failed: %s", error)
                await asyncio.sleep(LIST_S)
            seq = self._live.seq
            if seq == self._told:
                await asyncio.sleep(min(max(QUIET_S, _REST * (monotonic() - began)), ACTIVE_S))
                continue
            async with self._news:
                self._news.notify_all()
            self._told = seq
            await asyncio.sleep(ACTIVE_S)

    async def _send(self, client: _Client) -> None:
        """What is new, at most four times a second; a client that reads slowly gets the newest of each topic."""
        while not client.connection.gone:
            async with self._news:
                await self._news.wait_for(lambda: self._live.seq > client.seq)
            now, topics, seq = self._live.seq, client.topics, client.seq
            told = await self._viewer.in_thread(lambda: self._live.since(topics, seq))  # noqa: B023
            if client.topics is not topics:  # it has begun to listen to something else, of which this says nothing
                continue
            client.seq = max(client.seq, now)
            if told:
                message = {"seq": client.seq, "epoch": self._live.epoch, "notices": told}
                await client.connection.send(encode(message))
            await asyncio.sleep(GAP_S)


async def _next(connection: Connection, asked: asyncio.Queue[str]) -> str | None:
    """The next message; None when the client has gone or the viewer stops."""
    getting = asyncio.ensure_future(asked.get())
    over = asyncio.ensure_future(connection.over())
    try:
        await asyncio.wait({getting, over}, return_when=asyncio.FIRST_COMPLETED)
        return getting.result() if getting.done() else None
    finally:
        getting.cancel()
        over.cancel()
