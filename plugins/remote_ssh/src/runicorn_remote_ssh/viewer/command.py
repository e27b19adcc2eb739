"""``runicorn remote connect|open|list|stop``: viewers on other machines, from the command line."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

import click
from runicorn.errors import InvalidArgument, Problem

if TYPE_CHECKING:
    from ..config import SSHConfig
    from .environments import Environment
    from .manager import RemoteViewerManager
    from .session import ViewerSession

_TARGET = "ssh://[user@]host[:port]/path, or a host and a path: gpu-box:runs"
chosen = click.option("--python", metavar="PATH", help="Python over there; default: the best that is found.")
asked = click.option(
    "--install/--no-install", default=None, help="Install Runicorn over there without asking, or never."
)


@click.command("open")
@click.argument("target")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Local port; default: the same one each time, if it is free."
)
@chosen
@asked
@click.option("--open/--no-open", "browser", default=True, help="Open a browser, where there is a display.")
def open_command(target: str, port: int | None, python: str | None, install: bool | None, browser: bool) -> None:
    """Look at the runs of another machine, until Ctrl-C.

    TARGET: ssh://[user@]host[:port]/path (ssh://gpu-box/~/runs), host:path, or a host alone for the folder that
    Runicorn is configured to use there.
    """
    show(target, port=port, python=python, install=install, browser=browser)


def show(
    target: str,
    *,
    port: int | None = None,
    python: str | None = None,
    install: bool | None = None,
    browser: bool = True,
) -> None:
    """Start a viewer over there, print its local address, and stay until Ctrl-C, SIGTERM or the session's end."""
    config, root = parse(target)
    asyncio.run(_show(config, root, port, python, install, browser))


@click.command("connect")
@click.argument("target")
@asked
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def connect_command(target: str, install: bool | None, as_json: bool) -> None:
    """Connect once and say what is there: Pythons, Runicorn, room. Offers to install what is missing."""
    config, root = parse(target)
    asyncio.run(_connect(config, root, install, as_json))


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(as_json: bool) -> None:
    """Viewers on other machines that are open now, of every process of yours."""
    from attrs import asdict
    from runicorn.serialize import dumps

    from .registry import known_sessions

    found = list(known_sessions())
    if as_json:
        shown = [{name: value for name, value in asdict(one).items() if name != "control"} for one in found]
        click.echo(dumps(shown, indent=True).decode())
        return
    if not found:
        click.echo("No viewer on another machine is open. Open one with: runicorn remote open ssh://host/path")
        return
    for one in found:
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.started_at))
        click.echo("\t".join((one.id, one.host, one.root, one.url, one.state, since)))


@click.command("stop")
@click.argument("session")
def stop_command(session: str) -> None:
    """End one: SESSION is an id, the beginning of one, a host, or ``all``. The viewer over there ends too."""
    from .registry import known_sessions, stop

    found = [one for one in known_sessions() if session in ("all", one.host) or one.id.startswith(session)]
    if not found:
        raise InvalidArgument("session", session, "fits none that is open; see: runicorn remote list")
    if len(found) > 1 and session != "all" and not all(one.host == session for one in found):
        raise InvalidArgument("session", session, f"fits {len(found)} sessions; give more of the id")
    for one in found:
        if not stop(one):
            raise Problem(502, "session-gone", f"the process {one.process} that keeps {one.id} does not answer")
        click.echo(f"Ended {one.id} on {one.host}")


def parse(target: str) -> tuple[SSHConfig, str]:
    """Host and storage root of what was typed.

    :raises InvalidArgument: it names no host.
    """
    from ..config import SSHConfig, place_of

    if "://" in target:
        config, root = SSHConfig.from_uri(target)
        return config, "" if root in ("~", "/") else root
    config, path = place_of(target)
    return config, path or ""


async def _show(
    config: SSHConfig, root: str, port: int | None, python: str | None, install: bool | None, browser: bool
) -> None:
    from ..terminal import connected
    from .line import SSHLine

    async with connected(config) as connection:
        from .manager import RemoteViewerManager, configured

        manager = RemoteViewerManager(configured())
        stop = _until_told()
        telling = asyncio.ensure_future(_tell(manager))
        try:
            starting = asyncio.ensure_future(_start(manager, SSHLine(connection), root, python, port, install))
            waiting = asyncio.ensure_future(stop.wait())
            await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                starting.cancel()
                return
            session = await starting
            click.echo(f"The runs of {session.line.host} are at {session.tunnel.url}")
            if browser:
                open_page(session.tunnel.url)
            over = asyncio.ensure_future(session.over())
            await asyncio.wait({over, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            telling.cancel()
            await manager.close()


async def _start(
    manager: RemoteViewerManager, line: Any, root: str, python: str | None, port: int | None, install: bool | None
) -> ViewerSession:
    try:
        return await manager.start(line, root, python=python, local_port=port, install=bool(install))
    except Problem as problem:
        if problem.code != "runicorn-missing" or not problem.parameters.get("can_install") or install is False:
            raise
        if not sys.stdin.isatty():
            raise Problem(problem.status, problem.code, f"{problem.detail}; say so with --install") from None
        from ..typing_in import confirmed
        from .private_command import offer_to_clean

        click.echo(problem.detail, err=True)
        question = f"Install Runicorn on {line.host}, in an environment of its own below ~/.local/share/runicorn?"
        if not await confirmed(question):
            raise
    session = await manager.start(line, root, python=python, local_port=port, install=True)
    await offer_to_clean(line)
    return session


async def _connect(config: SSHConfig, root: str, install: bool | None, as_json: bool) -> None:
    from attrs import asdict
    from runicorn.serialize import dumps

    from ..terminal import connected
    from ..typing_in import confirmed
    from .environments import look_around
    from .install import install_there
    from .line import SSHLine
    from .private_command import offer_to_clean
    from .steps import Progress

    async with connected(config) as connection:
        line = SSHLine(connection)
        around = await look_around(line, root)
        if as_json:
            found = [asdict(one) for one in around.environments]
            click.echo(dumps({"host": line.host, "environments": found, "free": around.free}, indent=True).decode())
        else:
            for one in around.environments:
                click.echo(_row(one))
        usable = around.usable()
        if usable:
            click.echo(f"{line.host} is ready: {usable[0].python}", err=True)
            return
        question = f"No Python on {line.host} can run the viewer. Install Runicorn there, in an environment of its own?"
        if install is None and sys.stdin.isatty():
            install = await confirmed(question)
        if not install:
            raise Problem(
                409, "runicorn-missing", f"no Python on {line.host} can run the viewer; allow it with --install"
            )
        progress = Progress(lambda text: click.echo(text, err=True))
        click.echo(f"{line.host} is ready: {await install_there(line, around, progress)}", err=True)
        await offer_to_clean(line)


def _row(one: Environment) -> str:
    return "\t".join((one.kind, one.name, one.version, one.runicorn or "-", one.obstacle or "ready", one.python))


async def _tell(manager: RemoteViewerManager) -> None:
    """What happens, on standard error, while it happens."""
    told = 0
    while True:
        log = [entry for session in manager.sessions for entry in session.progress.log]
        for entry in log[told:]:
            click.echo(entry.text, err=True)
        told = max(told, len(log))
        await asyncio.sleep(0.2)


def _until_told() -> asyncio.Event:
    """Set by Ctrl-C and SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    return stop


def open_page(url: str) -> None:
    """Open a browser where one can show a window."""
    import os
    import threading
    import webbrowser

    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    threading.Thread(target=webbrowser.open, args=[url], daemon=True).start()  # some wait for the browser to end
