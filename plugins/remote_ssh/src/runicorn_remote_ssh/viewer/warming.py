"""Fetching the web interface before somebody opens it: a browser asks for six files at a time, each a long way."""

from __future__ import annotations

import asyncio
import gzip
import logging
from typing import TYPE_CHECKING

import h11

from .immutables import Kept, is_document, is_immutable, needed_by

if TYPE_CHECKING:
    from .tunnel import SSHTunnel

log = logging.getLogger("runicorn.remote.tunnel")

_AT_ONCE = 24
_MOST = 600  # files
_SPARE = 5  # connections of a browser to one place, about


async def warm(tunnel: SSHTunnel) -> int:
    """Fetch the first page, what it needs, what that needs, and so on; returns how many files are kept.

    Gives up where the line does; whatever is missing is asked for when it is needed.
    """
    seen: set[str] = {"/"}
    free = asyncio.Semaphore(_AT_ONCE)
    tasks: set[asyncio.Task[None]] = set()

    async def visit(target: str) -> None:
        async with free:
            text = await _fetch(tunnel, target)
        for path in needed_by(target, text):
            if path not in seen and len(seen) < _MOST:
                seen.add(path)
                task = asyncio.ensure_future(visit(path))
                tunnel.coming[path.encode()] = task
                tasks.add(task)

    try:
        await visit("/")
        while tasks:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            tasks -= done
            for task in done:
                task.result()
    except (OSError, h11.ProtocolError) as error:
        log.info("the interface of %s was not fetched beforehand: %s", tunnel.host, error)
    finally:
        for task in tasks:
            task.cancel()
        tunnel.coming.clear()
    return len(seen) - 1


async def be_ready(tunnel: SSHTunnel) -> None:
    """Fetch the first page again, and open connections for what a page asks at first, whatever comes of it."""

    async def opened() -> None:
        tunnel.pool.keep(await tunnel.connect(new=True))

    more = (opened() for _ in range(_SPARE - tunnel.pool.size))
    for failed in await asyncio.gather(*more, _fetch(tunnel, "/"), return_exceptions=True):
        if isinstance(failed, Exception):
            log.info("the page of %s was not fetched again: %s", tunnel.host, failed)


async def _fetch(tunnel: SSHTunnel, target: str) -> str:
    """Ask for one file; kept if it never changes. Its text, where it is one."""
    viewer = tunnel.kept.viewer
    upstream = await tunnel.connect()
    compressed = tunnel.compresses
    headers = [("Host", "localhost"), ("Authorization", f"Bearer {tunnel.token}"), ("Accept", "*/*")]
    headers += [("Accept-Encoding", "gzip")] if compressed else []
    try:
        await upstream.send(h11.Request(method="GET", target=target, headers=headers))
        await upstream.send(h11.EndOfMessage())
        response = await upstream.receive()
        if not isinstance(response, h11.Response):
            raise ConnectionError("the connection was closed")  # noqa: TRY301 (closed below)
        pieces = []
        while isinstance(event := await upstream.receive(), h11.Data):
            pieces.append(bytes(event.data))
    except BaseException:
        upstream.close()
        raise
    if upstream.reusable():
        tunnel.pool.keep(upstream)
    else:
        upstream.close()
    body, given = b"".join(pieces), list(response.headers)
    if target == "/" and is_document(response.status_code, given):
        tunnel.kept.keep_page(compressed, Kept.of(given, body), viewer)
    if is_immutable(response.status_code, given):
        tunnel.kept.keep(target.encode(), compressed, Kept.of(given, body))
    packed = (b"content-encoding", b"gzip") in given
    return (gzip.decompress(body) if packed else body).decode("utf-8", "replace")
