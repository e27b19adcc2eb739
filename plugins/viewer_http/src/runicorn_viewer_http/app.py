"""The viewer as an ASGI application: the routes of all plugins, the web interface, access rules around them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from runicorn.contracts import Store
from runicorn.contracts.http import Endpoint
from runicorn.errors import Problem
from runicorn.hooks import viewer_authorize, viewer_middleware, viewer_panels, viewer_routes
from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from .api.panels import panels_endpoint
from .asgi.access import Access, Rules
from .asgi.authorize import Authorizer
from .asgi.body_limit import DEFAULT as BODY_LIMIT
from .asgi.body_limit import BodyLimit
from .asgi.compressing import Compressing
from .asgi.dispatch import routes_of
from .asgi.layers import layered
from .asgi.lifetimes import Lifetimes
from .asgi.problems import problem_reply
from .asgi.respond import respond
from .declare.document import document_endpoint
from .keeping import Keeper
from .pages import RESERVED, Pages
from .plugin_files import PluginFiles
from .workers import Workers

Result = TypeVar("Result")


class RunningViewer:
    """What plugins see of the viewer (:class:`runicorn.contracts.Viewer`). Belongs to one event loop."""

    def __init__(self, store: Store, settings: Mapping[str, object] | None = None) -> None:
        self.store = store
        self.settings = settings or {}
        self.stopping = asyncio.Event()
        self.workers = Workers()
        self.rules = Rules()

    def admits(self, headers: Mapping[str, str]) -> bool:
        return self.rules.admit(headers)

    def in_thread(self, work: Callable[[], Result]) -> Awaitable[Result]:
        return self.workers.run(work)


def build_app(viewer: RunningViewer, rules: Rules | None = None, keeper: Keeper | None = None) -> Lifetimes:
    """The whole application: access rules, then the middleware of plugins, then the routes.

    :raises PluginConflict: two plugins want one path (in strict mode only).
    """
    viewer.rules = rules or Rules()
    files = PluginFiles(viewer_panels(viewer, RESERVED))
    offered = viewer_routes(viewer)
    endpoints = [route for route in offered if isinstance(route, Endpoint)]
    endpoints.append(panels_endpoint(files))
    endpoints.append(document_endpoint(endpoints, with_token=rules is not None and rules.token is not None))
    routes: list[BaseRoute] = [route for route in offered if not isinstance(route, Endpoint)]
    routes += routes_of(endpoints, viewer)
    pages = Pages(viewer, plugins=files)
    routes += pages.routes()
    router = Router(routes, redirect_slashes=False)
    router.default = _Rest(viewer, pages)
    app: ASGIApp = layered(router, viewer_middleware(viewer))
    if viewer.settings.get("compression") == "on":
        app = Compressing(app, viewer.in_thread)
    if keeper is not None:
        app = keeper.around(app)
    limit = viewer.settings.get("body_limit")
    app = BodyLimit(app, limit if isinstance(limit, int) else BODY_LIMIT)
    decide = viewer_authorize(viewer)
    return Lifetimes(Access(app, viewer.rules, Authorizer(decide) if decide else None), viewer)


class _Rest:
    """Whatever no route takes: a page of the interface, so that deep links and reload work; a 404 below /api/."""

    def __init__(self, viewer: RunningViewer, pages: Pages) -> None:
        self._viewer, self._pages = viewer, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()  # the handshake
            await send({"type": "websocket.close", "code": 1008, "reason": "no-such-endpoint"})
        elif scope["path"] == "/api" or scope["path"].startswith("/api/"):
            problem = Problem(404, "no-such-endpoint", f"there is no {scope['path']}; see /api/openapi.json")
            await respond(problem_reply(problem), send, self._viewer.in_thread, head=scope["method"] == "HEAD")
        else:
            await self._pages.index(scope, receive, send)
