"""Middleware of plugins around the app. What fails before it has passed a request on is passed by."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from runicorn.contracts.viewer import Middleware
from runicorn.hooks import bounded_call, note_failure
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOOK = "viewer_middleware"
STRIKES = 3
LIMIT_S = 5.0


def layered(app: ASGIApp, layers: Iterable[tuple[str, Middleware]]) -> ASGIApp:
    """The app inside the middleware of all plugins, the first of them outermost."""
    for plugin, make in reversed(list(layers)):
        layer = Layer(app, plugin)
        around = bounded_call(plugin, HOOK, lambda make=make, layer=layer: make(layer.inside))  # type: ignore[misc]
        if around is not None:
            layer.around = around
            app = layer
    return app


class Layer:
    """One plugin's middleware. After three failures in a row it is passed by until the next start."""

    def __init__(self, app: ASGIApp, plugin: str) -> None:
        self._app, self._plugin = app, plugin
        self.around: ASGIApp = app
        self._key = f"runicorn.layer.{plugin}.{id(self)}"
        self._strikes = 0

    async def inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What the middleware is given as its app."""
        passage: _Passage | None = scope.get(self._key)
        if passage is None:  # it has made a scope of its own
            await self._app(scope, receive, send)
            return
        passage.passed.set()
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            passage.inner = error
            raise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._strikes >= STRIKES:
            await self._app(scope, receive, send)
            return
        passage = _Passage(receive, send)
        task = asyncio.ensure_future(self.around({**scope, self._key: passage}, passage.receive, passage.send))
        try:
            error = await self._outcome(task, passage)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if error is None:
            self._strikes = 0
            return
        self._strikes += 1
        note_failure(self._plugin, HOOK, error)
        if passage.passed.is_set():  # too late to go another way: the server cuts the connection
            raise error
        await self._app(scope, receive, send)

    async def _outcome(self, task: asyncio.Future[Any], passage: _Passage) -> Exception | None:
        """What the middleware is to blame for; errors of the app inside are raised."""
        passed = asyncio.ensure_future(passage.passed.wait())
        try:
            await asyncio.wait({task, passed}, timeout=LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() and not passage.passed.is_set():
                task.cancel()
                return TimeoutError(f"did not go on within {LIMIT_S:g} s")
            await task
        except Exception as error:
            if error is passage.inner:
                raise
            return error
        finally:
            passed.cancel()
        return None if passage.passed.is_set() else RuntimeError("neither passed a request on nor answered it")


class _Passage:
    """One request on its way: has the middleware passed it on, or begun to answer or read it itself?"""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self.passed = asyncio.Event()
        self.inner: Exception | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        self.passed.set()
        return message

    async def send(self, message: Message) -> None:
        self.passed.set()
        await self._send(message)
