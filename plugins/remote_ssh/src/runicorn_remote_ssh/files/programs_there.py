"""What programs of the host say about many files at once, where it has a shell: blocking calls of any thread."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from runicorn.errors import InvalidArgument

from ..errors import NotConnected, RemoteError
from .loop import TRANSFERS

if TYPE_CHECKING:
    from ..connection import SSHConnection
    from ..programs import Completed
    from .gathering import Gathered
    from .surveying import Survey

Connecting: TypeAlias = "Callable[[], Awaitable[SSHConnection]]"

_LIMIT_S = 300.0
_PATIENCE_S = 60.0  # to connect
_AT_ONCE = 4  # servers start ten programs for one connection, and others want some


class ProgramsThere:
    """A host that cannot is not asked again."""

    def __init__(self, uri: str, base: str, connecting: Connecting) -> None:
        """
        :param connecting: gives the connection, on the transfers' loop.
        """
        self._uri, self._base, self._connecting = uri, base, connecting
        self._free = threading.Semaphore(_AT_ONCE)
        self._runs = self._gathers = self._surveys = True  # as far as is known

    def gather(self, folders: Sequence[str], names: Sequence[str] | None) -> Gathered | None:
        from .gathering import asked, command, understood

        done = self._done(command(self._base, names), asked(folders)) if self._gathers else None
        found = None if done is None else understood(done.stdout, folders)
        self._gathers = self._gathers and (done is None or found is not None)
        return found

    def survey(self, *, inside: bool) -> Survey | None:
        from .surveying import NO_ROOT, command, understood

        done = self._done(command(self._base, inside=inside), b"") if self._surveys else None
        if done is None or done.exit_status in (None, NO_ROOT):  # killed, or not there for a moment
            return None
        try:
            return understood(done.stdout)
        except ValueError:
            self._surveys = False
            return None

    def _done(self, argv: Sequence[str], given: bytes) -> Completed | None:
        """What a program over there said; None where it cannot be run, or not now."""

        async def work() -> Completed:
            return await (await self._connecting()).run(argv, input=given, timeout_s=_LIMIT_S)

        if not self._runs:
            return None
        try:
            with self._free:
                return TRANSFERS.call(work(), _LIMIT_S + _PATIENCE_S, self._uri)
        except NotConnected:  # or so many programs run there already that the server starts no other
            return None
        except (RemoteError, InvalidArgument):  # it lets nobody run programs, or has no such shell
            self._runs = False
            return None
