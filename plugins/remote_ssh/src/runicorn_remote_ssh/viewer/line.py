"""What a remote viewer needs of a connection: a way there that comes back by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Protocol

from runicorn.errors import Problem

from ..errors import NotConnected
from ..problems import problem_of
from .upstream import Reader, Writer

if TYPE_CHECKING:
    from ..connection import SSHConnection


class Completed(Protocol):
    """A program that has ended."""

    @property
    def exit_status(self) -> int | None: ...

    @property
    def stdout(self) -> bytes: ...

    @property
    def stderr(self) -> bytes: ...


class Line(Protocol):
    """A connection, as sessions see it. Belongs to one event loop."""

    @property
    def id(self) -> str: ...

    @property
    def host(self) -> str:
        """What people call the machine."""

    @property
    def is_up(self) -> bool:
        """Whether programs can be run and streams opened now."""

    @property
    def trouble(self) -> str:
        """While it is not up: why, for people."""

    @property
    def problem(self) -> Problem:
        """The same with a code; while it is closed for good, that."""

    @property
    def needs_authentication(self) -> bool:
        """Whether it waits for a person: a password, a code, an answer about a key."""

    @property
    def over(self) -> bool:
        """Whether it was closed for good."""

    @property
    def silent_s(self) -> float:
        """For how long a round trip has been missing; 0 while none is."""

    def look(self) -> None:
        """Make sure now that it is alive."""

    async def run(self, argv: Sequence[str], *, input: bytes | None = None, timeout_s: float) -> Completed: ...

    async def start(self, argv: Sequence[str]) -> Any:
        """A process with ``stdin``, ``stdout`` and ``stderr`` streams of bytes."""

    def sftp(self) -> AbstractAsyncContextManager[Any]: ...

    async def open_stream(self, host: str, port: int) -> tuple[Reader, Writer]: ...

    async def open_unix(self, path: str) -> tuple[Reader, Writer]: ...

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back at each change; the result ends that."""


class SSHLine:
    """An :class:`~runicorn_remote_ssh.connection.SSHConnection` as a line."""

    def __init__(self, connection: SSHConnection) -> None:
        self.connection = connection
        self.run, self.start, self.sftp = connection.run, connection.start, connection.sftp
        self.open_stream, self.open_unix = connection.open_stream, connection.open_unix
        self.look = connection.look

    @property
    def id(self) -> str:
        return self.connection.id

    @property
    def host(self) -> str:
        return self.connection.config.host

    @property
    def is_up(self) -> bool:
        return self.connection.state in ("up", "degraded")

    @property
    def trouble(self) -> str:
        return "" if self.is_up else self.connection.error or str(self.connection.state)

    @property
    def problem(self) -> Problem:
        connection = self.connection
        if self.over:
            return Problem(502, "connection-closed", "the connection was closed", host=self.host)
        return problem_of(connection.failure or NotConnected(self.host, self.trouble))

    @property
    def needs_authentication(self) -> bool:
        return self.connection.state == "needs-authentication"

    @property
    def over(self) -> bool:
        return self.connection.state == "stopped"

    @property
    def silent_s(self) -> float:
        return self.connection.silent_s

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        return self.connection.watch(lambda _: callback())
