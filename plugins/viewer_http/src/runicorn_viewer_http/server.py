"""Serving: a socket, hypercorn on it, and an end within a second."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, cast

from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from runicorn.contracts import Store

from .app import RunningViewer, build_app
from .asgi.access import Rules
from .keeping import Keeper
from .lifespans import Lifespans

STOP_S = 0.8
HEAD_LIMIT = 128 * 1024  # bytes of a request line and headers: addresses with hundreds of metrics fit


def run_viewer(
    listening: socket.socket,
    store: Store,
    rules: Rules,
    settings: Mapping[str, object] | None = None,
    started: Callable[[], None] = lambda: None,
    keeper: Keeper | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, or until the keeper says so; returns within a second of it, whatever is open or
    being computed."""
    # One thread that computes must not keep the event loop waiting for 5 ms at a time.
    sys.setswitchinterval(0.001)
    with suppress(KeyboardInterrupt):
        asyncio.run(serve_until_signal(listening, store, rules, settings, started, keeper))


async def serve_until_signal(
    listening: socket.socket,
    store: Store,
    rules: Rules,
    settings: Mapping[str, object] | None,
    started: Callable[[], None],
    keeper: Keeper | None = None,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_handled)
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows: the loop wakes up for signals by itself
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    viewer = RunningViewer(store, settings)
    await serve(listening, viewer, rules, stop, started, keeper)


def _handled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Python 3.11 tells of a connection that was cut off at the end as of an error."""
    if not isinstance(context.get("exception"), asyncio.CancelledError):
        loop.default_exception_handler(context)


async def serve(
    listening: socket.socket,
    viewer: RunningViewer,
    rules: Rules,
    stop: asyncio.Event,
    started: Callable[[], None] = lambda: None,
    keeper: Keeper | None = None,
) -> None:
    """Serve on a listening socket until ``stop`` is set. The socket is closed at the end."""
    app, lifespans = build_app(viewer, rules, keeper), Lifespans(viewer)
    config = Config()
    config.bind = [f"fd://{listening.detach()}"]
    config.errorlog = logging.getLogger("runicorn.viewer.http")
    config.include_server_header = False
    config.h11_max_incomplete_size = HEAD_LIMIT
    config.graceful_timeout = 0.2
    config.websocket_max_message_size = 64 * 1024  # clients say next to nothing
    config.websocket_ping_interval = 20
    config.keep_alive_timeout = 30
    await lifespans.start()
    shutdown = asyncio.Event()
    serving = asyncio.ensure_future(hypercorn_serve(cast("ASGIFramework", app), config, shutdown_trigger=shutdown.wait))
    started()
    keeping = asyncio.ensure_future(keeper.watch(stop)) if keeper is not None else None
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if keeping is not None:
        keeping.cancel()
    viewer.stopping.set()
    await asyncio.gather(app.stop(), lifespans.stop())
    shutdown.set()
    # Since Python 3.12 the server waits for every connection to end: it gets a moment, not for ever.
    await asyncio.wait({serving}, timeout=STOP_S - 0.4)
    if not serving.done():
        serving.cancel()
        await asyncio.wait({serving}, timeout=0.1)
    elif (error := serving.exception()) is not None:
        raise error
