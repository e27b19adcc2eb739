"""The connections of one viewer. They live on its event loop; endpoints call from worker threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from runicorn.errors import Problem

from ..errors import RemoteError
from ..problems import problem_of

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

    from ..connection import SSHConnection
    from ..pool import SSHConnectionPool
    from .attempts import Attempts
    from .diary import Diary
    from .vault import Vault

Result = TypeVar("Result")

_OF: dict[int, RemoteService] = {}


class RemoteService:
    """Connections, attempts to connect, remembered secrets. ``call`` is for worker threads, all else for the loop."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self.pool: SSHConnectionPool
        self.attempts: Attempts
        self.diary: Diary
        self.vault: Vault
        self.at_end: list[Callable[[], Coroutine[Any, Any, None]]] = []  # awaited before connections are closed

    async def begin(self) -> None:
        from ..pool import SSHConnectionPool
        from .attempts import Attempts
        from .diary import Diary
        from .vault import Vault

        self._loop = asyncio.get_running_loop()
        self.diary = Diary()
        self.pool, self.vault = SSHConnectionPool(told=self.diary.watch), Vault()
        self.attempts = Attempts()

    async def end(self) -> None:
        if self._loop is None:
            return
        await asyncio.gather(*(finish() for finish in self.at_end), return_exceptions=True)
        await self.attempts.close()
        await self.pool.close_all()

    def call(self, work: Callable[[], Coroutine[Any, Any, Result]], timeout_s: float = 60.0) -> Result:
        """Run a coroutine on the loop and wait for it.

        :raises Problem: what went wrong over there, as HTTP says it.
        """
        if self._loop is None or not self._loop.is_running():
            raise Problem(503, "not-ready", "the viewer is starting or stopping; try again")
        waiting = asyncio.run_coroutine_threadsafe(work(), self._loop)
        try:
            return waiting.result(timeout_s)
        except TimeoutError:
            waiting.cancel()
            raise Problem(504, "remote-timeout", f"the other machine did not answer within {timeout_s:g} s") from None
        except RemoteError as error:
            raise problem_of(error) from error

    def connection(self, connection_id: str) -> SSHConnection:
        """
        :raises Problem: 404.
        """
        found = self.pool.get(connection_id)
        if found is None:
            raise Problem(404, "no-such-connection", f"there is no connection {connection_id!r}")
        return found


def service_of(viewer: Viewer) -> RemoteService:
    """The service of a viewer, the same for everybody who asks."""
    return _OF.setdefault(id(viewer), RemoteService())


@asynccontextmanager
async def while_it_serves(viewer: Viewer) -> AsyncIterator[None]:
    service = service_of(viewer)
    await service.begin()
    try:
        yield
    finally:
        _OF.pop(id(viewer), None)
        await service.end()
