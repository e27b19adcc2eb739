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
@click.option("--root", type=click.Path(file_okay=False, path_type=Path), help="Storage root; default: as configured.")
@click.option("--host", help="Address to listen on. Any other than a loopback address asks for a token.")
@click.option("--port", type=click.IntRange(0, 65535), help="Exactly this port (0: any free one).")
@click.option(
    "--token",
    is_flag=False,
    flag_value=GENERATE,
    metavar="[TOKEN]",
    help="Ask for a token on loopback too; without a value one is made. Other users can see a value given here.",
)
@click.option("--open/--no-open", "open_browser", default=None, help="Open a browser, where there is a display.")
def viewer(root: Path | None, host: str | None, port: int | None, token: str | None, open_browser: bool | None) -> None:
    """Look at runs in the browser."""
    from runicorn.config import load_config
    from runicorn.hooks import open_store, plugin_section

    from .asgi.access import Rules
    from .server import bind, run_viewer

    if root is not None:
        os.environ["RUNICORN_DIR"] = str(root.expanduser().absolute())  # for every plugin and child of this process
    config = load_config()
    section = plugin_section("viewer-http", ViewerSection, config)
    address = host or section.host
    chosen_port = port
    if port is None and config.origin("viewer-http.port") != "default":
        chosen_port = section.port
    secret = _token(token, section.token, address)
    listening = bind(address, chosen_port)
    actual = listening.getsockname()[1]
    store = open_store()
    beyond = not is_loopback(address)
    names = frozenset(section.allowed_hosts) | ({address} if address not in ("0.0.0.0", "::") else frozenset())  # noqa: S104
    rules = Rules(names | (local_names() if beyond else frozenset()), secret, any_address=beyond)
    link = address_line(address, actual, secret)

    def started() -> None:
        click.echo(f"Runicorn is at {link}")
        if section.open_browser if open_browser is None else open_browser:
            open_page(link)

    try:
        run_viewer(listening, store, rules, public(section, address, actual), started)
    finally:
        store.close()


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


def public(section: ViewerSection, address: str, port: int) -> dict[str, object]:
    """The settings that plugins may see."""
    return {
        "host": address,
        "port": port,
        "allowed_hosts": list(section.allowed_hosts),
        "rate_limit": section.rate_limit,
    }


def open_page(link: str) -> None:
    """Open a browser where one can show a window; elsewhere the printed address has to do."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=[link], daemon=True).start()  # some wait for the browser to end
