"""One connection of a browser: its requests go through the line, with the token that only this side has."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import h11

from .immutables import Collected, Kept, is_document, is_immutable, is_page
from .outage import Answer, problem
from .registry import CONTROL_PATH
from .upstream import CHUNK, HEAD_LIMIT, Reader, Unreachable, Upstream, Writer, next_event

if TYPE_CHECKING:
    from .tunnel import SSHTunnel

Headers = list[tuple[bytes, bytes]]

_HOP = frozenset([b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"upgrade", b"expect"])
_OURS = frozenset([b"authorization", b"cookie", b"set-cookie"])  # secrets of this machine stay, those over there too
_LOOPBACK = frozenset(["localhost", "127.0.0.1", "[::1]"])
_REPEATABLE = frozenset([b"GET", b"HEAD"])


class Relay:
    """Serves one connection until either side ends it."""

    def __init__(self, tunnel: SSHTunnel, reader: Reader, writer: Writer) -> None:
        self._tunnel, self._reader, self._writer = tunnel, reader, writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_LIMIT)

    async def serve(self) -> None:
        try:
            while isinstance(request := await next_event(self._http, self._reader), h11.Request):
                await self._request(request)
                if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                    break
                self._http.start_next_cycle()
        except h11.RemoteProtocolError as error:
            if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                await self._answer(problem(error.error_status_hint, "not-http", f"this is no HTTP request: {error}"))
        finally:
            self._writer.close()

    async def _request(self, request: h11.Request) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
        if request.target == CONTROL_PATH.encode():
            await self._answer(self._tunnel.controlled(request.method, headers))
            return
        refused = self._refused(headers)
        if refused is not None:
            await self._answer(refused)
            return
        try:
            if headers.get("upgrade", "").lower() == "websocket":
                await self._socket(request)
            else:
                await self._exchange(request)
        except Unreachable as error:
            if self._http.our_state is not h11.SEND_RESPONSE:  # too late for another answer: it is cut
                self._cut()
                return
            await self._answer(self._tunnel.outage(str(error), headers))

    def _refused(self, headers: Mapping[str, str]) -> Answer | None:
        """Who reaches this port may be a page that had its name pointed here, or another user of this machine."""
        host = headers.get("host", "")
        name, colon, port = host.rpartition(":")
        name = (name if colon and port.isdigit() else host).lower()
        if name not in _LOOPBACK:
            return problem(403, "host-not-allowed", f"the host name {name!r} is not allowed here", host=name)
        if not self._tunnel.admits(headers):
            detail = "open the link that the viewer printed first, under the same name as this address"
            return problem(401, "token-required", detail)
        return None

    async def _exchange(self, request: h11.Request) -> None:
        kept = await self._at_hand(request)
        if kept is not None:
            await self._send(h11.Response(status_code=200, headers=[*kept.headers, self._way()]))
            await self._send(h11.Data(data=kept.body))
            await self._send(h11.EndOfMessage())
            await self._rest()
            return
        viewer = self._tunnel.kept.viewer
        upstream, response = await self._asked(request)
        try:
            await self._pass_back(request, upstream, response, viewer)
        except h11.RemoteProtocolError:
            self._cut()
        finally:
            if upstream.reusable():
                self._tunnel.pool.keep(upstream)
            else:
                upstream.close()

    async def _at_hand(self, request: h11.Request) -> Kept | None:
        """What needs no journey."""
        if request.method != b"GET":
            return None
        if self._opens_page(request):
            return self._tunnel.page_at_hand(self._compressed(request))
        return await self._tunnel.at_hand(request.target, self._compressed(request))

    def _opens_page(self, request: h11.Request) -> bool:
        accepted = b",".join(value for name, value in request.headers if name == b"accept")
        return request.method == b"GET" and is_page(request.target, accepted)

    async def _asked(self, request: h11.Request) -> tuple[Upstream, h11.Response]:
        """Send the request; a kept connection that turns out to be closed is replaced."""
        outgoing = h11.Request(method=request.method, target=request.target, headers=self._outgoing(request))
        while True:
            upstream = await self._tunnel.connect()
            sending = asyncio.ensure_future(self._pass_on(outgoing, upstream))
            try:
                response = await self._tunnel.unless_silent(self._response(upstream, sending))
            except Unreachable:
                upstream.close()
                raise
            except (h11.RemoteProtocolError, OSError) as error:
                upstream.close()
                if not upstream.fresh and request.method in _REPEATABLE:
                    continue
                raise Unreachable(f"the viewer over there did not answer: {error}") from error
            except BaseException:
                upstream.close()
                raise
            finally:
                sending.cancel()
            return upstream, response

    async def _response(self, upstream: Upstream, sending: asyncio.Future[None]) -> h11.Response:
        receiving = asyncio.ensure_future(upstream.receive())
        try:
            both: set[asyncio.Future[Any]] = {sending, receiving}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if sending.done() and sending.exception() is not None and not receiving.done():
                await sending
            while isinstance(event := await receiving, h11.InformationalResponse):
                receiving = asyncio.ensure_future(upstream.receive())
        finally:
            receiving.cancel()
        if not isinstance(event, h11.Response):
            raise h11.RemoteProtocolError("the connection was closed")
        if not sending.done() and self._http.their_state is not h11.SEND_BODY:
            await sending
        return event

    async def _pass_on(self, outgoing: h11.Request, upstream: Upstream) -> None:
        await upstream.send(outgoing)
        if self._http.they_are_waiting_for_100_continue:
            await self._send(h11.InformationalResponse(status_code=100, headers=[]))
        while self._http.their_state is h11.SEND_BODY:
            event = await next_event(self._http, self._reader)
            if isinstance(event, h11.Data):
                await upstream.send(event)
        await upstream.send(h11.EndOfMessage())

    async def _pass_back(self, request: h11.Request, upstream: Upstream, response: h11.Response, viewer: int) -> None:
        headers = [(name, value) for name, value in response.headers if name not in _HOP | _OURS]
        headers = [(name, value) for name, value in headers if name != b"transfer-encoding"]
        keeps_page = self._opens_page(request) and is_document(response.status_code, headers)
        keeps = keeps_page or (request.method == b"GET" and is_immutable(response.status_code, headers))
        collected = Collected()
        await self._send(h11.Response(status_code=response.status_code, headers=[*headers, self._way()]))
        while isinstance(event := await upstream.receive(), h11.Data):
            await self._send(event)
            if keeps:
                collected.add(bytes(event.data))
        await self._send(h11.EndOfMessage())
        if not keeps or not collected.fits:
            return
        kept = Kept.of(headers, collected.whole())
        if keeps_page:
            self._tunnel.kept.keep_page(self._compressed(request), kept, viewer)
        else:
            self._tunnel.kept.keep(request.target, self._compressed(request), kept)

    async def _socket(self, request: h11.Request) -> None:
        """A WebSocket: from the handshake on, bytes go through as they come."""
        upstream = await self._tunnel.connect(new=True)
        lines = [request.method + b" " + request.target + b" HTTP/1.1"]
        lines += [name + b": " + value for name, value in self._outgoing(request, upgrade=True)]
        upstream.writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + self._http.trailing_data[0])
        there = asyncio.ensure_future(_pour(self._reader, upstream.writer))
        back = asyncio.ensure_future(_pour(upstream.reader, self._writer))
        try:
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            there.cancel()
            back.cancel()
            upstream.close()

    def _outgoing(self, request: h11.Request, upgrade: bool = False) -> Headers:
        dropped = _OURS if upgrade else _HOP | _OURS
        if not self._tunnel.compresses:
            dropped |= {b"accept-encoding"}
        headers = [(name, value) for name, value in request.headers if name not in dropped]
        return [*headers, (b"authorization", b"Bearer " + self._tunnel.token.encode("ascii"))]

    def _way(self) -> tuple[bytes, bytes]:
        """How long the line takes there and back (ms), for pages that make do with less over a long one."""
        return b"server-timing", b"line;dur=%.1f" % (1e3 * self._tunnel.way_s)

    def _compressed(self, request: h11.Request) -> bool:
        accepted = b",".join(value for name, value in request.headers if name == b"accept-encoding")
        return self._tunnel.compresses and b"gzip" in accepted.lower()

    async def _rest(self) -> None:
        """Read what is left of a request, so that the next one can follow."""
        while self._http.their_state is h11.SEND_BODY:
            await next_event(self._http, self._reader)

    async def _send(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._writer.write(data)
            await self._writer.drain()

    async def _answer(self, answer: Answer) -> None:
        """An answer of this side. The connection ends with it: what was asked may not have been read."""
        headers = {**answer.headers, "Content-Length": str(len(answer.body)), "Connection": "close"}
        await self._send(h11.Response(status_code=answer.status, headers=[*headers.items()]))
        await self._send(h11.Data(data=answer.body))
        await self._send(h11.EndOfMessage())

    def _cut(self) -> None:
        """Let the other side see that an answer is not whole."""
        self._http.send_failed()
        with suppress(AttributeError):
            self._writer.transport.abort()  # type: ignore[attr-defined]  # asyncio's writer


async def _pour(source: Reader, sink: Writer) -> None:
    with suppress(OSError):
        while data := await source.read(CHUNK):
            sink.write(data)
            await sink.drain()
