"""The entry point: ways to another machine's runs. Light to import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.contracts import HealthCheck, Transport, Viewer
    from runicorn.contracts.panels import Static

RUNICORN_API = 1


@hookimpl
def register_api() -> Mapping[str, str]:
    return {
        "SSHConfig": "runicorn_remote_ssh.config:SSHConfig",
        "SSHConnection": "runicorn_remote_ssh.connection:SSHConnection",
        "SSHConnectionPool": "runicorn_remote_ssh.pool:SSHConnectionPool",
        "RemoteViewerManager": "runicorn_remote_ssh.viewer.manager:RemoteViewerManager",
        "SSHTunnel": "runicorn_remote_ssh.viewer.tunnel:SSHTunnel",
        "ViewerSession": "runicorn_remote_ssh.viewer.session:ViewerSession",
    }


@hookimpl
def register_remote_transports() -> Iterator[Transport]:
    from .files.transport import TRANSPORT

    yield TRANSPORT


@hookimpl
def health_checks() -> Iterator[HealthCheck]:
    from .files.checks import RootCheck
    from .files.transport import TRANSPORT

    yield from (RootCheck(kept) for kept in TRANSPORT.kept)


@hookimpl
def config_schema() -> type[Any]:
    from .settings import RemoteSection

    return RemoteSection


@hookimpl
def register_commands() -> Mapping[str, str]:
    return {"remote": "runicorn_remote_ssh.command:remote"}


@hookimpl
def register_openers() -> Mapping[str, str]:
    return {"ssh": "runicorn_remote_ssh.viewer.command:show"}


@hookimpl
def viewer_routes(viewer: Viewer) -> Iterable[Any]:
    from .serving.routes import routes
    from .serving.routes_looking import routes as looking
    from .serving.routes_watching import routes as watching
    from .viewer.routes import routes as viewing

    return [*routes(viewer), *looking(viewer), *watching(viewer), *viewing(viewer)]


@hookimpl
def viewer_lifespan(viewer: Viewer) -> AbstractAsyncContextManager[None]:
    from .serving.service import while_it_serves

    return while_it_serves(viewer)


@hookimpl
def viewer_panels() -> Iterator[Static]:
    from pathlib import Path

    from runicorn.contracts.panels import Page, Static

    yield Static(
        Path(__file__).parent / "static",
        module="index.js",
        pages=(Page("remote.hosts", "/remote", "Remote", titles={"zh-CN": "远程"}),),
    )
