"""Asking the viewer over there something ourselves: is it well, is it still ours, and that it stays."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import h11

from .upstream import Upstream

if TYPE_CHECKING:
    from .launch import RemoteViewer
    from .line import Line

LIMIT_S = 10.0
HOLD = "/api/hold"


async def _begin(line: Line, viewer: RemoteViewer, method: str, path: str) -> tuple[Upstream, h11.Response]:
    upstream = Upstream(*await viewer.open_stream(line))
    try:
        headers = [("Host", "localhost"), ("Authorization", f"Bearer {viewer.wanted.token}"), ("Accept", "*/*")]
        await upstream.send(h11.Request(method=method, target=path, headers=headers))
        await upstream.send(h11.EndOfMessage())
        event = await upstream.receive()
        if not isinstance(event, h11.Response):
            raise ConnectionError("the connection was closed")  # noqa: TRY301 (closed below, whatever it is)
    except h11.RemoteProtocolError as error:
        upstream.close()
        raise ConnectionError("nothing answers there") from error
    except BaseException:
        upstream.close()
        raise
    return upstream, event


async def ask(line: Line, viewer: RemoteViewer, method: str, path: str) -> tuple[int, bytes]:
    """One request. Takes at most ten seconds.

    :raises OSError: no answer came; also TimeoutError and the line's own errors.
    """
    async with asyncio.timeout(LIMIT_S):
        upstream, response = await _begin(line, viewer, method, path)
        try:
            pieces = []
            while isinstance(event := await upstream.receive(), h11.Data):
                pieces.append(bytes(event.data))
            return response.status_code, b"".join(pieces)
        except h11.RemoteProtocolError as error:
            raise ConnectionError("the answer of the viewer was cut off") from error
        finally:
            upstream.close()


class Hold:
    """A request that lasts: while it does, the viewer stays; when this side goes, it ends."""

    def __init__(self, upstream: Upstream, introduction: dict[str, Any]) -> None:
        self._upstream, self.introduction = upstream, introduction

    @classmethod
    async def take(cls, line: Line, viewer: RemoteViewer) -> Hold:
        """
        :raises OSError: what answers is not this viewer, or nothing does; also TimeoutError and the line's own errors.
        """
        async with asyncio.timeout(LIMIT_S):
            upstream, response = await _begin(line, viewer, "GET", HOLD)
            try:
                event = await upstream.receive()
                said = json.loads(event.data) if isinstance(event, h11.Data) else None
                if response.status_code != 200 or said is None or said.get("session") != viewer.wanted.session:
                    raise ConnectionError("another viewer answers there")  # noqa: TRY301 (closed below)
            except BaseException:
                upstream.close()
                raise
        return cls(upstream, said)

    async def over(self) -> None:
        """Wait until the viewer or the line has gone."""
        with suppress(Exception):  # whatever it is, it is over
            while isinstance(await self._upstream.receive(), h11.Data):
                pass

    def let_go(self) -> None:
        self._upstream.close()
