"""Sending a reply: whole, or piece by piece from a worker thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from runicorn.contracts.http import Reply
from starlette.types import Receive, Send

Result = TypeVar("Result")
InThread = Callable[[Callable[[], Result]], Awaitable[Result]]


async def respond(
    reply: Reply, send: Send, in_thread: InThread[bytes | None], *, receive: Receive | None = None, head: bool = False
) -> None:
    """Send one reply.

    :param receive: where a client that goes away is noticed: the pieces that are left are not made then.
    :param head: the request was HEAD: everything but the body.
    """
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
    if reply.media_type is not None and reply.status not in (204, 304):
        charset = "; charset=utf-8" if reply.media_type.startswith("text/") else ""
        headers.append((b"content-type", (reply.media_type + charset).encode()))
    whole = reply.body if isinstance(reply.body, bytes) else None
    if whole is not None and reply.status != 304 and b"content-length" not in dict(headers):
        headers.append((b"content-length", str(len(whole)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if whole is not None or head:
        await send({"type": "http.response.body", "body": b"" if head else whole})
        return
    pieces: Iterator[bytes] = iter(reply.body)  # type: ignore[arg-type]
    gone = asyncio.ensure_future(_disconnected(receive)) if receive is not None else None
    try:
        while (piece := await in_thread(lambda: next(pieces, None))) is not None:
            if gone is not None and gone.done():
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    finally:
        if gone is not None:
            gone.cancel()
        close = getattr(pieces, "close", None)
        if close is not None:
            await in_thread(close)
    await send({"type": "http.response.body", "body": b""})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
