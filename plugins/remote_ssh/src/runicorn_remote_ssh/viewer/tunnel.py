"""A local address for a viewer on another machine. It outlives the line behind it."""

from __future__ import annotations

import asyncio
import hmac
import logging
import socket
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import frozen

from .immutables import Immutables, Kept
from .outage import Answer, document, problem, unavailable
from .relay import Relay
from .upstream import OpenStream, Pool, Reader, Unreachable, Upstream, Writer
from .warming import be_ready

if TYPE_CHECKING:
    from .line import Line

log = logging.getLogger("runicorn.remote.tunnel")

Value = TypeVar("Value")
_LOOK_S = 0.5  # between two looks at a line over which an answer is awaited


@frozen
class Control:
    """What other processes of this user may ask of a session: how it is (GET), and that it ends (DELETE)."""

    secret: str
    describe: Callable[[], Mapping[str, object]]
    end: Callable[[], None]


Admits = Callable[[Mapping[str, str]], bool]


def everybody(_: Mapping[str, str]) -> bool:
    """The rule of a viewer that asks for no token."""
    return True


class SSHTunnel:
    """Listens on 127.0.0.1 from :meth:`start` to :meth:`close`, whatever happens to the line. Of one event loop.

    Requests and sockets get the remote viewer's token on their way; what they carry of this machine's secrets is
    left out. Only names of this machine are served (a foreign page may have had its name pointed here), and only
    whom ``admits`` lets in, given the request's headers. While there is no line a request waits for ``patience_s``
    seconds, then it is answered: 503 and the reason.
    """

    def __init__(self, host: str, token: str, *, admits: Admits = everybody, patience_s: float = 2.0) -> None:
        self.host, self.token, self.admits = host, token, admits
        self.compresses = True  # whether browsers may ask for compressed answers
        self.way_s = 0.0  # there and back
        self.pool, self.kept = Pool(), Immutables()
        self.coming: dict[bytes, asyncio.Task[None]] = {}  # files that are on their way
        self.control: Control | None = None
        self.heard_at = 0.0  # when something came from over there (monotonic)
        self._patience_s = patience_s
        self._line: Line | None = None
        self._open: OpenStream | None = None
        self._reason = "not connected yet"
        self._joined = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._relays: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._looking_again: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The local port, the same for life."""
        assert self._server is not None, "started first"
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def listens(self) -> bool:
        return self._server is not None and self._server.is_serving()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, port: int = 0) -> None:
        """Listen, on a free port unless one is given.

        :raises OSError: the port is taken.
        """
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port, family=socket.AF_INET)

    def join(self, open_stream: OpenStream, line: Line | None = None) -> None:
        """Lead requests this way from now on. The way before, if any, is left.

        :param line: what it goes over: while that is silent, nobody waits longer than ``patience_s``.
        """
        self._open, self._line = open_stream, line
        self.pool.clear()
        self.kept.forget_page()
        self._joined.set()

    def part(self, reason: str) -> None:
        """There is no way for now; ``reason`` is what people are told. Open exchanges are cut."""
        self._open, self._reason = None, reason
        self._joined.clear()
        self.pool.clear()

    async def connect(self, new: bool = False) -> Upstream:
        """A connection to the viewer over there.

        :param new: not one that served another request before.
        :raises Unreachable: there is no way now.
        """
        if self._open is None:
            if self._line is not None:
                self._line.look()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience_s):
                    await self._joined.wait()
        kept = None if new else self.pool.take()
        if kept is not None:
            return kept
        if self._open is None:
            raise Unreachable(self._reason)
        try:
            return Upstream(*await self.unless_silent(self._opened(self._open)), heard=self._heard)
        except Exception as error:  # the line's own errors are many; all of them mean that there is no way
            raise Unreachable(str(error) or type(error).__name__) from error

    async def unless_silent(self, answer: Coroutine[Any, Any, Value]) -> Value:
        """Wait for an answer, for as long as it takes to make it, but not for one that a dead line owes.

        :raises Unreachable: nothing has come over the line for a while, and a round trip is missing.
        """
        waiting = asyncio.ensure_future(answer)
        try:
            while not (await asyncio.wait({waiting}, timeout=_LOOK_S))[0]:
                line, since = self._line, monotonic() - self.heard_at
                if line is None or since < self._patience_s:
                    continue
                if line.silent_s > self._patience_s:
                    raise Unreachable("the line is silent; it is watched, and reconnected if need be")
                line.look()
            return waiting.result()
        finally:
            waiting.cancel()

    async def at_hand(self, target: bytes, compressed: bool) -> Kept | None:
        """A file that was fetched before, or is being fetched."""
        kept = self.kept.find(target, compressed)
        if kept is None and target in self.coming:
            await asyncio.wait({self.coming[target]})
            kept = self.kept.find(target, compressed)
        return kept

    def page_at_hand(self, compressed: bool) -> Kept | None:
        """The document of the interface, while there is a way to the viewer that sent it. It is looked for again behind
        the answer, and connections are opened for what the page will ask."""
        kept = self.kept.page(compressed) if self._open is not None else None
        if kept is not None and self._looking_again is None:
            self._looking_again = asyncio.ensure_future(be_ready(self))
            self._looking_again.add_done_callback(self._looked_again)
        return kept

    def _looked_again(self, _: object) -> None:
        self._looking_again = None

    async def _opened(self, opening: OpenStream) -> tuple[Reader, Writer]:
        return await opening()

    def _heard(self) -> None:
        self.heard_at = monotonic()

    def outage(self, reason: str, headers: Mapping[str, str]) -> Answer:
        return unavailable(self.host, reason, headers.get("accept", ""), headers.get("accept-language", ""))

    def controlled(self, method: bytes, headers: Mapping[str, str]) -> Answer:
        """Answer another process that knows the session's secret."""
        control = self.control
        offered = headers.get("authorization", "").removeprefix("Bearer ")
        if control is None or not hmac.compare_digest(offered.encode(), control.secret.encode()):
            return problem(404, "no-such-endpoint", "there is nothing at this address")
        if method == b"DELETE":
            asyncio.get_running_loop().call_soon(control.end)
        return document(control.describe())

    async def close(self) -> None:
        """Stop listening and cut what is open."""
        if self._server is not None:
            self._server.close()
        writers = list(self._relays.values())
        tasks = [*self._relays, *([self._looking_again] if self._looking_again is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()  # what a browser does not read would keep the socket open
        self.part("the session has ended")

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relays[task] = writer
        try:
            await Relay(self, reader, writer).serve()
        except (OSError, asyncio.CancelledError):
            pass  # the browser has gone, or the tunnel is closed
        except Exception:
            log.exception("a request through the tunnel to %s failed", self.host)
        finally:
            del self._relays[task]
            writer.transport.abort() if writer.is_closing() is False else writer.close()
