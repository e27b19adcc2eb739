"""From a declared endpoint to a Starlette route."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson
from runicorn.contracts.http import Call, Endpoint, NoBody, Reply
from runicorn.errors import Problem
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ..declare.annotations import shape_of
from ..declare.parameters import Parameters
from .json import encode
from .problems import problem_of, problem_reply
from .respond import respond

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

log = logging.getLogger("runicorn.viewer")

BODY_LIMIT = 4 * 1024 * 1024  # bytes; the folders of a thousand runs fit


def routes_of(endpoints: Iterable[Endpoint[Any, Any]], viewer: Viewer) -> list[Route]:
    """One Starlette route for each path, all methods of it behind."""
    by_path: dict[str, dict[str, Operation]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = Operation(endpoint)
    return [PathRoute(path, operations, viewer) for path, operations in by_path.items()]


class PathRoute(Route):
    """A path with the methods that it takes, so that another path that fits may take the others."""

    def __init__(self, path: str, operations: Mapping[str, Operation], viewer: Viewer) -> None:
        super().__init__(path, PathApp(operations, viewer), methods=list(operations))

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)  # a wrong method too: it is answered as a problem


class Operation:
    """An endpoint and the readers made of its declaration (at the first request, to start quickly)."""

    def __init__(self, endpoint: Endpoint[Any, Any]) -> None:
        self.endpoint = endpoint

    @cached_property
    def parameters(self) -> Parameters:
        return Parameters(self.endpoint.path, self.endpoint.query)

    @property
    def has_body(self) -> bool:
        return self.endpoint.body is not NoBody

    def call(self, path: Mapping[str, Any], query: str, headers: Mapping[str, str], body: bytes) -> Any:
        """Validate and handle one request, on a worker thread.

        :raises Problem: and the other errors that :mod:`problems` knows.
        """
        try:
            pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
        except UnicodeDecodeError as error:
            raise Problem(400, "query-invalid", "the query is not UTF-8") from error
        parameters = self.parameters.read(path, pairs)
        content = self._body(headers, body) if self.has_body else NoBody()
        result = self.endpoint.handler(Call(parameters, content, headers))
        return result if isinstance(result, Reply) else Reply(encode(result), headers={"Cache-Control": "no-cache"})

    def _body(self, headers: Mapping[str, str], body: bytes) -> Any:
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Problem(415, "not-json", "the body must be application/json", sent=kind)
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise Problem(400, "body-invalid", f"the body is not JSON: {error}") from error
        return shape_of(self.endpoint.body).read(value, "")


class PathApp:
    """All methods of one path, as an ASGI application."""

    def __init__(self, operations: Mapping[str, Operation], viewer: Viewer) -> None:
        self.operations, self._viewer = operations, viewer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        head = request.method == "HEAD"
        operation = self.operations.get("GET" if head else request.method)
        if operation is None:
            await respond(self._wrong_method(request.url.path), send, self._viewer.in_thread, head=head)
            return
        try:
            body = await read_body(request) if operation.has_body else b""
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            path, query = scope["path_params"], scope["query_string"].decode("latin-1")
            reply = await self._viewer.in_thread(lambda: operation.call(path, query, headers, body))
        except ClientDisconnect:
            return
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                log.exception("%s %s failed", request.method, request.url.path)
                problem = Problem(500, "internal", f"{type(error).__name__} in {request.method} {request.url.path}")
            reply = problem_reply(problem)
        await respond(reply, send, self._viewer.in_thread, receive=receive, head=head)

    def _wrong_method(self, path: str) -> Reply:
        allowed = ", ".join(sorted({*self.operations} | ({"HEAD"} if "GET" in self.operations else set())))
        problem = Problem(405, "method-not-allowed", f"{path} takes {allowed}", allowed=allowed)
        return problem_reply(problem, {"Allow": allowed})


async def read_body(request: Request) -> bytes:
    """The body of a request.

    :raises Problem: 413, it is larger than any of ours needs to be.
    """
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > BODY_LIMIT:
            raise Problem(413, "body-too-large", f"a body may have at most {BODY_LIMIT} bytes", limit=BODY_LIMIT)
        pieces.append(piece)
    return b"".join(pieces)
