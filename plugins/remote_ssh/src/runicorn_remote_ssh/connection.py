"""One way to one machine, kept alive: it comes back by itself, and says so to whoever watches."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from time import monotonic, time
from typing import TYPE_CHECKING, Any

from .channels import LineReader, LineWriter, session, stream
from .config import Resolved, SSHConfig, resolve
from .errors import AnswersLate, ConnectionLost, NotConnected, RemoteError
from .programs import Completed, run, start
from .reaching import KEEPALIVE_S, end, reach
from .signing_in import SigningIn
from .state import ConnectionState, rest, state_after

if TYPE_CHECKING:
    import asyncssh

    from .known_hosts import KnownHosts
    from .prompts import Prompts

_log = logging.getLogger("runicorn.remote")

LATE_S = 2.0  # an answer that takes longer makes it degraded
RETRY_S = 0.5  # until the first try to come back; then twice as long each time
RETRY_MOST_S = 30.0
WATCHED_S = 3.0  # and no longer than that while somebody waits for it


class SSHConnection:
    """A connection that is there until it is closed. Belongs to one event loop.

    :ivar id: names it in this process.
    :ivar error: why it is not up; "" while it is.
    :ivar retry_at: while it rests before it tries to come back: when it does (Unix seconds).
    """

    def __init__(self, config: SSHConfig, known_hosts: KnownHosts, *, files: Sequence[str] | None = None) -> None:
        """
        :param files: OpenSSH configuration files; the user's by default.
        :raises InvalidArgument: that configuration cannot be read.
        """
        self.id = secrets.token_hex(8)
        self.config: SSHConfig = config
        self.resolved: Resolved = resolve(config, files)
        self.state, self.error = ConnectionState.CONNECTING, ""
        self.connected_at: float | None = None
        self.failure: RemoteError | None = None
        self.retry_at: float | None = None
        self._files, self._known_hosts = files, known_hosts
        self._watchers: list[Callable[[SSHConnection], None]] = []
        self._chain: list[asyncssh.SSHClientConnection] = []
        self._signing_in: SigningIn | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._asked_at: float | None = None  # a round trip that has not come back (monotonic)
        self._look, self._hurry = asyncio.Event(), asyncio.Event()
        self._changed = asyncio.Event()

    # --- Life

    async def open(self, prompts: Prompts) -> None:
        """Connect; afterwards it keeps itself.

        :raises HostKeyUnknown, HostKeyChanged, AuthenticationFailed, HostUnreachable: it did not, and is stopped.
        """
        self._signing_in = SigningIn(self.resolved, prompts)
        try:
            await self._connect()
        except BaseException as error:
            self._become(ConnectionState.STOPPED, error)
            raise
        self._become(ConnectionState.UP)
        self._keeping = asyncio.create_task(self._keep(), name=f"runicorn-ssh-{self.id}")

    async def sign_in_again(self, prompts: Prompts) -> None:
        """Somebody is there to answer: try to come back at once.

        :raises RemoteError: it did not work; the connection stays, and its state says what is needed.
        """
        if self.state in (ConnectionState.UP, ConnectionState.DEGRADED):
            return
        await self._stop_keeping()
        if self._signing_in is not None:
            self._signing_in.prompts = prompts
        try:
            await self._connect()
        except BaseException as error:
            self._stay_away(error)
            raise
        self._become(ConnectionState.UP)
        self._keeping = asyncio.create_task(self._keep(), name=f"runicorn-ssh-{self.id}")

    async def close(self) -> None:
        """End it. Twice is fine."""
        await self._stop_keeping()
        await self._drop()
        self._become(ConnectionState.STOPPED)

    def watch(self, callback: Callable[[SSHConnection], None]) -> Callable[[], None]:
        """Be told of every change of state, on the event loop.

        :returns: what ends that.
        """
        self._watchers.append(callback)

        def unwatch() -> None:
            with suppress(ValueError):
                self._watchers.remove(callback)

        return unwatch

    async def wait_up(self, timeout_s: float) -> None:
        """
        :raises NotConnected: it did not come up in time, or was closed.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while self.state not in (ConnectionState.UP, ConnectionState.DEGRADED):
                    if self.state == ConnectionState.STOPPED:
                        raise NotConnected(self.resolved.host, self.state)
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise NotConnected(self.resolved.host, self.state) from None

    @property
    def typed_secrets(self) -> dict[str, str]:
        """What somebody typed on the way in, by kind: ``password``, ``passphrase`` of the key that was named."""
        return {} if self._signing_in is None else self._signing_in.typed

    @property
    def silent_s(self) -> float:
        """For how long a round trip has been missing; 0 while none is."""
        return 0.0 if self._asked_at is None else monotonic() - self._asked_at

    def look(self) -> None:
        """Somebody waits for an answer: make sure now that the line is alive, not at the next turn; while it is lost,
        try to come back every few seconds."""
        self._look.set()

    def retry_now(self) -> None:
        """Somebody wants it back: do not rest before the next try."""
        self._hurry.set()

    # --- What it is for

    async def run(self, argv: Sequence[str], *, input: bytes | None = None, timeout_s: float = 30.0) -> Completed:
        """Run a program to its end. What the login shell says before it is left out.

        :param argv: the program and its arguments, without line breaks; no shell reads them.
        :raises NotConnected: the connection is down.
        :raises RemoteCommandFailed: it cannot be started, or does not end in time and was told to.
        """
        return await run(self._connection, self.resolved.host, argv, input, timeout_s)

    async def start(self, argv: Sequence[str]) -> asyncssh.SSHClientProcess[bytes]:
        """Start a program and leave it running; its output begins with what it says itself.

        :raises NotConnected, RemoteCommandFailed: as :meth:`run`.
        """
        return await start(self._connection, self.resolved.host, argv)

    @asynccontextmanager
    async def sftp(self) -> AsyncIterator[asyncssh.SFTPClient]:
        """File access, for as long as the context lasts.

        :raises NotConnected: the connection is down, or the host has no SFTP.
        """
        import asyncssh

        connection, host = self._connection, self.resolved.host
        try:
            client = await session(
                connection,
                host,
                lambda: connection.start_sftp_client(path_errors="surrogateescape"),
                lambda begun: begun.exit(),
            )
        except (OSError, asyncssh.Error, EOFError) as error:
            none = isinstance(error, (asyncssh.SFTPError, asyncssh.ChannelOpenError)) and not connection.is_closed()
            raise NotConnected(host, f"it offers no SFTP: {error}" if none else str(error)) from error
        async with client:
            yield client

    async def open_stream(self, host: str, port: int) -> tuple[LineReader, LineWriter]:
        """A TCP connection from over there.

        :raises ForwardingForbidden: the server lets nobody.
        :raises NotConnected: the connection is down, or nothing listens there.
        """
        opening = self._connection.open_connection(host, port, encoding=None)
        return await stream(opening, self.resolved.host, f"port {port}")

    async def open_unix(self, path: str) -> tuple[LineReader, LineWriter]:
        """Like :meth:`open_stream`, to a UNIX socket."""
        opening = self._connection.open_unix_connection(path, encoding=None)
        return await stream(opening, self.resolved.host, path)

    # --- Inside

    @property
    def _connection(self) -> asyncssh.SSHClientConnection:
        if not self._chain or self.state not in (ConnectionState.UP, ConnectionState.DEGRADED):
            raise NotConnected(self.resolved.host, self.state)
        return self._chain[-1]

    async def _connect(self) -> None:
        if self._signing_in is None:
            raise NotConnected(self.resolved.host, self.state)
        self._chain = await reach(self._signing_in, self._known_hosts, self._files)
        self.connected_at = time()

    async def _keep(self, *, up: bool = True) -> None:
        """Until it is closed: watch, and come back."""
        while up or await self._come_back():
            up = False
            await self._watch_one()
            self._become(ConnectionState.RECONNECTING, ConnectionLost(self.resolved.host))
            await self._drop()

    async def _come_back(self) -> bool:
        """Whether it did; otherwise somebody has to answer first."""
        wait = RETRY_S
        while True:
            await self._rest_before_retry(wait * random.uniform(0.7, 1.3))  # so that many do not come at once
            wait = min(wait * 2, RETRY_MOST_S)
            try:
                if self._signing_in is not None:
                    self._signing_in.alone()
                await self._connect()
            except Exception as error:  # noqa: BLE001 (a broken configuration, say: somebody has to look)
                self._become(state_after(error), error)
                if self.state == ConnectionState.NEEDS_AUTHENTICATION:
                    return False
            else:
                self._become(ConnectionState.UP)
                return True

    async def _rest_before_retry(self, seconds: float) -> None:
        self.retry_at = time() + seconds
        self._look.clear()
        hurry, look = (asyncio.ensure_future(event.wait()) for event in (self._hurry, self._look))
        try:
            if not await rest(min(seconds, WATCHED_S), hurry):
                either = asyncio.ensure_future(asyncio.wait({hurry, look}, return_when=asyncio.FIRST_COMPLETED))
                await rest(seconds - WATCHED_S, either)
                either.cancel()
        finally:
            hurry.cancel()
            look.cancel()
            self._hurry.clear()
            self.retry_at = None

    def _stay_away(self, error: BaseException) -> None:
        """It was tried to come back, and failed: go on as the reason says; as before, if it was given up."""
        if not isinstance(error, asyncio.CancelledError):
            self._become(state_after(error), error)
        if self.state == ConnectionState.RECONNECTING:
            self._keeping = asyncio.create_task(self._keep(up=False), name=f"runicorn-ssh-{self.id}")

    async def _watch_one(self) -> None:
        """Until this connection is lost."""
        lost = asyncio.ensure_future(self._chain[-1].wait_closed())
        lost.add_done_callback(lambda _: self._look.set())
        slept = False
        try:
            while not lost.done():
                beat = asyncio.ensure_future(self._answers())
                self._asked_at = monotonic()
                self._look.clear()
                await asyncio.wait({beat, lost}, timeout=LATE_S, return_when=asyncio.FIRST_COMPLETED)
                if not beat.done() and not lost.done() and not slept:
                    self._become(ConnectionState.DEGRADED, AnswersLate(self.resolved.host))
                    await asyncio.wait({beat, lost}, return_when=asyncio.FIRST_COMPLETED)
                answered = beat.done()
                beat.cancel()
                if lost.done() or not answered:
                    return
                self._asked_at = None
                self._become(ConnectionState.UP)
                slept = await self._rest()
        finally:
            self._asked_at = None
            lost.cancel()

    async def _rest(self) -> bool:
        """Until the next look at the line; whether this machine slept meanwhile."""
        look = asyncio.ensure_future(self._look.wait())
        try:
            return await rest(KEEPALIVE_S, look)
        finally:
            look.cancel()

    async def _answers(self) -> None:
        """One round trip."""
        import asyncssh

        # What asyncssh asks itself to keep a connection; it has no public name, and anything else that makes a round
        # trip costs a program or a line in the log over there.
        connection: Any = self._chain[-1]
        with suppress(asyncssh.Error, OSError):
            await connection._make_global_request(b"keepalive@openssh.com")

    async def _stop_keeping(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
            self._keeping = None

    async def _drop(self) -> None:
        chain, self._chain = self._chain, []
        await end(chain)

    def _become(self, state: ConnectionState, error: BaseException | None = None) -> None:
        text = "" if error is None else str(error)
        if (state, text) == (self.state, self.error):
            return
        self.state, self.error = state, text
        self.failure = error if isinstance(error, RemoteError) else None
        self._changed.set()
        for watcher in list(self._watchers):
            try:
                watcher(self)
            except Exception:  # noqa: BLE001 (whatever it is: the others are told too)
                _log.exception("a watcher of %r failed", self)
