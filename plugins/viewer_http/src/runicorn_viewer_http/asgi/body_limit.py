"""How much one request may send, whoever answers it. Declared endpoints have a smaller limit of their own."""

from __future__ import annotations

from runicorn.errors import Problem
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .refusing import refuse

DEFAULT = 1 << 30  # bytes


class BodyLimit:
    """Counts what arrives: a length that a client states is believed only where it is too much already."""

    def __init__(self, app: ASGIApp, limit: int = DEFAULT) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        problem = Problem(413, "body-too-large", f"a body may have at most {self._limit} bytes", limit=self._limit)
        stated = dict(scope["headers"]).get(b"content-length", b"")
        if stated.isdigit() and int(stated) > self._limit:
            await refuse(problem, {"Connection": "close"}, scope, receive, send)
            return
        arrived, answering = 0, False

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            if message["type"] == "http.request":
                arrived += len(message.get("body", b""))
                if arrived > self._limit:
                    raise problem
            return message

        async def noted(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except Problem as error:
            if error is not problem or answering:  # once an answer has begun, the connection is cut
                raise
            await refuse(problem, {"Connection": "close"}, scope, receive, send)
