"""``runicorn viewer``."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import click
from runicorn.errors import InvalidArgument

from .loopback import is_loopback
from .settings import ViewerSection

GENERATE = "\0generate"


@click.command()
@click.argument("target", required=False, metavar="[FOLDER|ADDRESS]")
@click.option("--root", metavar="DIR|ADDRESS", help="Storage root, or ssh://host/path to read; default: as configured.")
@click.option("--host", help="Address to listen on. Any other than a loopback address asks for a token.")
@click.option("--port", type=click.IntRange(0, 65535), help="Exactly this port (0: any free one).")
@click.option(
    "--bind", "where", metavar="unix:PATH|HOST:PORT", help="Both in one, or a socket that you alone can reach."
)
@click.option(
    "--token",
    is_flag=False,
    flag_value=GENERATE,
    metavar="[TOKEN]",
    help="Ask for a token on loopback too; without a value one is made. Other users can see a value given here.",
)
@click.option("--token-stdin", is_flag=True, help="The token is the first line of standard input: nobody sees it.")
@click.option("--exit-on-stdin-eof", is_flag=True, help="End with the program at the other end of standard input.")
@click.option("--grace", type=click.FloatRange(0, 3600), metavar="SECONDS", help="How long after it; default: 3.")
@click.option(
    "--exit-when-idle", type=click.FloatRange(1), metavar="SECONDS", help="End so long after the last request."
)
@click.option("--session", metavar="ID", help="A name for who lists processes; the first line repeats it.")
@click.option("--open/--no-open", "open_browser", default=None, help="Open a browser, where there is a display.")
def viewer(
    target: str | None,
    root: str | None,
    host: str | None,
    port: int | None,
    where: str | None,
    token: str | None,
    token_stdin: bool,
    exit_on_stdin_eof: bool,
    grace: float | None,
    exit_when_idle: float | None,
    session: str | None,
    open_browser: bool | None,
) -> None:
    """Look at runs in the browser: those of a folder, or of another machine (ssh://gpu-box/~/runs).

    With --token-stdin or --exit-on-stdin-eof the first line of standard output is a JSON object for the program that
    started the viewer: port or sock, pid, version, root.
    """
    if target is not None:
        if root is not None:
            raise InvalidArgument("root", root, "cannot be given together with a folder or an address")
        if _elsewhere(target, port, open_browser):
            return
        root = target
    if where is not None and (host is not None or port is not None):
        raise InvalidArgument("bind", where, "cannot be given together with --host or --port")
    if token_stdin and token is not None:
        raise InvalidArgument("token", "", "cannot come from --token and from standard input")
    if grace is not None and not exit_on_stdin_eof:
        raise InvalidArgument("grace", grace, "needs --exit-on-stdin-eof")
    from .standard_input import EndOfInput, read_secret

    secret = read_secret() if token_stdin else None
    end = EndOfInput() if exit_on_stdin_eof else None  # from now on: who starts a viewer may die before it is served

    from runicorn.config import Address, load_config
    from runicorn.hooks import open_store, plugin_section, scheme_of

    from .announcing import introduction, say
    from .asgi.access import Rules
    from .binding import address_of, let_go, listen
    from .keeping import GRACE_S, Keeper
    from .uncollected import Uncollected

    configured = load_config().storage.root
    if root is None and isinstance(configured, Address):
        root = configured
    elsewhere = None if root is None or scheme_of(root) is None else open_store(root)
    if root is not None:  # for every plugin and child of this process
        folder = Path(root).expanduser().absolute() if elsewhere is None else elsewhere.root
        if elsewhere is None and folder.is_file():
            raise InvalidArgument("root", root, "is a file; name a folder")
        os.environ["RUNICORN_DIR"] = str(folder)
    config = load_config()
    section = plugin_section("viewer-http", ViewerSection, config)
    if port is None and config.origin("viewer-http.port") != "default":
        port = section.port
    place, chosen_port = (host or section.host, port) if where is None else address_of(where)
    in_files = isinstance(place, Path)
    address = "127.0.0.1" if isinstance(place, Path) else place  # only this machine can reach a file
    secret = secret or _token(token, section.token, address)
    beyond = not is_loopback(address)
    names = frozenset(section.allowed_hosts) | ({address} if address not in ("0.0.0.0", "::") else frozenset())  # noqa: S104
    rules = Rules(names | (local_names() if beyond else frozenset()), secret, any_address=beyond)
    listening = listen(place, chosen_port)
    uncollected = Uncollected()
    try:
        from .server import run_viewer

        store = elsewhere or open_store()
        actual = 0 if in_files else listening.getsockname()[1]
        said = introduction(place, actual, store.root, session)
        keeper = None
        if exit_on_stdin_eof or exit_when_idle is not None:
            grace_s = (GRACE_S if grace is None else grace) if exit_on_stdin_eof else None
            keeper = Keeper(idle_s=exit_when_idle, grace_s=grace_s, introduction=said)

        def started() -> None:
            uncollected.started()
            if end is not None and keeper is not None:
                end.tells(keeper.input_ended)
            if token_stdin or exit_on_stdin_eof:
                say(said)
                return
            link = f"unix:{place}" if in_files else address_line(address, actual, secret)
            click.echo(f"Runicorn is at {link}")
            if not in_files and (section.open_browser if open_browser is None else open_browser):
                open_page(link)

        try:
            run_viewer(
                listening, store, rules, public(section, address, actual, held=exit_on_stdin_eof), started, keeper
            )
        finally:
            store.close()
    finally:
        uncollected.ended()
        let_go(place)


def _elsewhere(target: str, port: int | None, browser: bool | None) -> bool:
    """Let a plugin show an address; False where it is a folder, or an address that no plugin shows."""
    from runicorn.hooks import opener_for, scheme_of

    scheme = scheme_of(target)
    show = None if scheme is None else opener_for(scheme)
    if show is None:
        return False
    show(target, port=port, browser=browser is not False)
    return True


def _token(option: str | None, configured: str | None, address: str) -> str | None:
    if option == "":
        raise InvalidArgument("token", "", "may not be empty")
    if option not in (None, GENERATE):
        return option
    if configured:
        return configured
    return secrets.token_urlsafe(24) if option == GENERATE or not is_loopback(address) else None


def local_names() -> frozenset[str]:
    """What other machines may call this one."""
    import socket

    return frozenset({socket.gethostname(), socket.gethostname().partition(".")[0]} - {""})


def address_line(address: str, port: int, token: str | None) -> str:
    """The link to open; a wildcard address is reached by the loopback name from here."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(address, f"[{address}]" if ":" in address else address)  # noqa: S104
    return f"http://{name}:{port}" + (f"/?token={token}" if token else "")


def public(section: ViewerSection, address: str, port: int, held: bool = False) -> dict[str, object]:
    """The settings that plugins may see. A viewer that a program holds is at the end of a line."""
    auto = "off" if is_loopback(address) and not held else "on"
    return {
        "host": address,
        "port": port,
        "allowed_hosts": list(section.allowed_hosts),
        "rate_limit": section.rate_limit,
        "compression": auto if section.compression == "auto" else section.compression,
    }


def open_page(link: str) -> None:
    """Open a browser where one can show a window; elsewhere the printed address has to do."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=[link], daemon=True).start()  # some wait for the browser to end
