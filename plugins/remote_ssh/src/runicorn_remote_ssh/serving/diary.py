"""What has happened with each host, for people who look later: bounded, in memory, without secrets."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from time import time
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..errors import HostKeyUnknown
from ..problems import described, problem_of
from ..state import ConnectionState

if TYPE_CHECKING:
    from ..connection import SSHConnection
    from ..prompts import Asking, Prompts

KEPT = 200  # entries of a host
HOSTS = 100  # the one that was quiet for the longest time goes


@frozen
class Entry:
    """One line. ``event`` names its sentence, ``values`` fill it."""

    time: float  # Unix seconds
    event: str
    values: Mapping[str, Any]
    bad: bool


class Diary:
    """By host, as it was asked for. Thread-safe."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, deque[Entry]] = OrderedDict()
        self._been_up: set[str] = set()  # connections
        self._lock = threading.Lock()

    def of(self, host: str) -> list[Entry]:
        """The oldest first."""
        with self._lock:
            return list(self._of.get(host, ()))

    def note(self, of: str, event: str, *, bad: bool = False, **values: Any) -> None:
        with self._lock:
            entries = self._of.setdefault(of, deque(maxlen=KEPT))
            entries.append(Entry(time(), event, values, bad))
            self._of.move_to_end(of)
            while len(self._of) > HOSTS:
                self._of.popitem(last=False)

    def failed(self, host: str, error: BaseException) -> None:
        """Something did not work, or somebody has to look at a key first."""
        asks = isinstance(error, HostKeyUnknown) and not error.strict
        self.note(host, "problem", bad=not asks, problem=described(problem_of(error)))

    def watch(self, connection: SSHConnection) -> None:
        """A connection's state has changed."""
        host, where, state = connection.config.host, connection.resolved, connection.state
        if state == ConnectionState.UP and connection.id not in self._been_up:
            self._been_up.add(connection.id)
            self.note(host, "connected", user=where.username, host=where.host, port=where.port)
        elif state == ConnectionState.STOPPED:
            self._been_up.discard(connection.id)
            if connection.error:
                self.failed(host, connection.failure or RuntimeError(connection.error))
            else:
                self.note(host, "disconnected")
        else:
            problem = trouble_of(connection)
            self.note(host, "state", bad=problem is not None, state=str(state), problem=problem)


class Noting:
    """Prompts whose questions stand in the diary; answers do not."""

    def __init__(self, prompts: Prompts, diary: Diary, host: str) -> None:
        self._prompts, self._diary, self._host = prompts, diary, host

    async def ask(self, asking: Asking) -> Sequence[str] | None:
        self._diary.note(self._host, "asked", kind=asking.kind, user=asking.username, host=asking.host)
        return await self._prompts.ask(asking)


def trouble_of(connection: SSHConnection) -> dict[str, Any] | None:
    """Why a connection is not up."""
    if not connection.error:
        return None
    return described(problem_of(connection.failure or RuntimeError(connection.error)))
