"""The web viewer as a plugin. Nothing heavy is imported before the viewer is started."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.contracts import HealthCheck, Viewer

RUNICORN_API = 1


@hookimpl
def config_schema() -> type[Any]:
    from .settings import ViewerSection

    return ViewerSection


@hookimpl
def register_commands() -> Mapping[str, str]:
    return {"viewer": "runicorn_viewer_http.command:viewer"}


@hookimpl
def health_checks() -> Iterable[HealthCheck]:
    from .checks import checks

    return checks()


@hookimpl
def viewer_routes(viewer: Viewer) -> Iterable[Any]:
    from . import api, v2

    yield from api.routes(viewer)
    yield from v2.routes(viewer)


@hookimpl
def viewer_middleware(viewer: Viewer) -> Iterable[Any]:
    from .asgi.rate_limit import rate_limit
    from .loopback import is_loopback

    setting, host = str(viewer.settings.get("rate_limit", "auto")), str(viewer.settings.get("host", "127.0.0.1"))
    limit = rate_limit(setting, loopback=is_loopback(host))
    return [] if limit is None else [limit]
