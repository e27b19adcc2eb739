"""Live sockets: new values and log lines of one run, found by looking at its files while somebody listens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from attrs import frozen
from runicorn.contracts.http import About
from runicorn.errors import Problem, RunicornError
from runicorn.model.sample import Sample
from runicorn.model.stream import LogLine
from runicorn.types import JSON
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from ..asgi.json import encode
from ..asgi.problems import problem_of
from ..asgi.socket import Connection
from ..declare.parameters import Parameters
from ..declare.shapes import Unfit
from .logs import line_of
from .lookup import Folder, RunId, RunQuery, find_run

if TYPE_CHECKING:
    from runicorn.contracts import RunReader, Viewer

PAUSE_S = 0.25  # between two looks at the files: four messages a second at most
STATUS_EVERY = 4  # looks at values for one look at the status
PAGE = 500  # lines of a log that are read and encoded at a time
BREATH = 20  # messages between two turns of the event loop


@frozen
class LogSocketQuery:
    id: RunId
    path: Folder = None
    from_: Annotated[int, About("The first line to send.", minimum=0)] = 0


def routes(viewer: Viewer) -> Iterable[BaseRoute]:
    """The sockets of v1."""
    yield _route("/api/metrics/{id}/ws", RunQuery, lambda socket, query: send_metrics(viewer, socket, query), viewer)
    yield _route("/api/runs/{id}/logs/ws", LogSocketQuery, lambda s, query: send_logs(viewer, s, query), viewer)


def _route(
    path: str, query: type, serve: Callable[[Connection, Any], Awaitable[None]], viewer: Viewer
) -> WebSocketRoute:
    async def endpoint(websocket: WebSocket) -> None:
        async with Connection(websocket, viewer.stopping) as connection:
            try:
                asked = Parameters(path, query).read(websocket.path_params, websocket.query_params.multi_items())
                await serve(connection, asked)
            except (Unfit, RunicornError) as error:
                problem = problem_of(error) or Problem(500, "internal", str(error))
                await connection.close(4000 + problem.status, problem.code)

    return WebSocketRoute(path, endpoint)


async def send_metrics(viewer: Viewer, connection: Connection, query: RunQuery) -> None:
    """First the last step and the status, then values as they are logged and the status when it changes.

    A client that reads slowly gets the newest value of each key; ``skipped`` counts the ones before it.
    """
    store = viewer.store

    def begin() -> tuple[RunReader, Callable[[], Sequence[Sample]], int]:
        reader = store.open_run(find_run(store, query.id, query.path).ref)
        tail = reader.tail(from_start=False)
        return reader, tail.read, max((series.last_step for series in reader.series()), default=0)

    reader, read, last_step = await viewer.in_thread(begin)
    ref, status = reader.record.ref, ""
    await connection.send(encode(_metrics(ref.id, last_step, {}, 0)))
    looks = 0
    while True:
        if looks % STATUS_EVERY == 0:
            record = (await viewer.in_thread(lambda: store.open_run(ref))).record
            if record.status != status:
                status = record.status
                message = {"type": "status", "run": ref.id, "status": status, "ended_at": record.ended_at}
                await connection.send(encode(message))
        samples = await viewer.in_thread(read)
        if samples:
            last_step = samples[-1].step
            values: dict[str, JSON] = {sample.key: sample.value for sample in samples}
            await connection.send(encode(_metrics(ref.id, last_step, values, len(samples) - len(values))))
        looks += 1
        if not await connection.pause(PAUSE_S):
            return


def _metrics(run: str, last_step: int, values: dict[str, JSON], skipped: int) -> dict[str, JSON]:
    return {"type": "metrics", "run": run, "last_step": last_step, "values": values, "skipped": skipped}


async def send_logs(viewer: Viewer, connection: Connection, query: LogSocketQuery) -> None:
    """Every line from the offset, one message each, then lines as they are written."""
    store, at = viewer.store, query.from_
    reader = await viewer.in_thread(lambda: store.open_run(find_run(store, query.id, query.path).ref))

    def backlog() -> tuple[list[bytes], int, bool]:
        page = reader.logs(at, PAGE)
        return [encode(line_of(line)) for line in page.lines], page.next_offset, page.next_offset >= page.size

    follow: Callable[[], Sequence[LogLine]] | None = None

    def news() -> list[bytes]:
        assert follow is not None
        return [encode(line_of(line)) for line in follow()]

    while True:
        if follow is None:
            lines, at, done = await viewer.in_thread(backlog)
            if done:
                follow = await viewer.in_thread(partial(reader.follow_logs, at))
        else:
            lines = await viewer.in_thread(news)
        for count, line in enumerate(lines, 1):
            await connection.send(line)
            if connection.gone:
                return
            if count % BREATH == 0:  # sending does not wait while the system takes it: let others have their turn
                await asyncio.sleep(0)
        if follow is not None and not await connection.pause(PAUSE_S):
            return
