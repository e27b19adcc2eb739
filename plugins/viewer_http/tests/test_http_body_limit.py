"""How much a request may send to a route that is no declared endpoint, as those of plugins may be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import pytest
from runicorn.contracts import Store
from runicorn.hookspecs import hookimpl
from runicorn_viewer_http.app import RunningViewer, build_app
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route


class Uploads:
    """Takes whatever comes, as a careless plugin would."""

    seen = 0

    @hookimpl
    def viewer_routes(self) -> Iterable[BaseRoute]:
        async def upload(request: Request) -> PlainTextResponse:
            async for piece in request.stream():
                self.seen += len(piece)
            return PlainTextResponse(str(self.seen))

        yield Route("/api/acme/upload", upload, methods=["POST"])


async def pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 1000


@pytest.mark.parametrize("stated", [True, False])
def test_a_route_of_a_plugin_gets_no_more_than_the_limit(store: Store, plugin_manager: Any, stated: bool) -> None:
    uploads = Uploads()
    plugin_manager.add("acme", uploads)

    async def story() -> None:
        app = build_app(RunningViewer(store, {"body_limit": 5000}))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:

            async def send(count: int) -> httpx.Response:
                content: Any = b"x" * 1000 * count if stated else pieces(count)
                return await http.post("/api/acme/upload", content=content)

            assert (await send(5)).text == "5000"
            uploads.seen = 0
            answer = await send(1000)
            assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (413, "body-too-large", 5000)
            assert uploads.seen <= 5000

    asyncio.run(story())
