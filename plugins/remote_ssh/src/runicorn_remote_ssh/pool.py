"""The connections of this process, each shared by whoever asks for the same host with the same credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .config import SSHConfig
from .connection import SSHConnection
from .known_hosts import KnownHosts
from .state import ConnectionState

if TYPE_CHECKING:
    from .prompts import Prompts


class SSHConnectionPool:
    """Connections by identity: host, port, user and credentials. Belongs to one event loop.

    Somebody with another password is never answered with the connection of somebody whose password was right.
    """

    def __init__(
        self,
        known_hosts: KnownHosts | None = None,
        *,
        files: Sequence[str] | None = None,
        told: Callable[[SSHConnection], None] | None = None,
    ) -> None:
        """
        :param files: OpenSSH configuration files; the user's by default.
        :param told: called at each change of state of each connection, on the event loop.
        """
        self.known_hosts = known_hosts or KnownHosts()
        self._files, self._told = files, told
        self._all: dict[tuple[object, ...], SSHConnection] = {}
        self._opening: dict[tuple[object, ...], asyncio.Lock] = {}

    async def connect(self, config: SSHConfig, *, prompts: Prompts) -> SSHConnection:
        """The connection of these credentials; opened if there is none that lives.

        :raises RemoteError: it cannot be opened; connections with other credentials are not touched.
        """
        fresh = SSHConnection(config, self.known_hosts, files=self._files)
        identity = fresh.resolved.identity
        if self._told is not None:
            fresh.watch(self._told)
        async with self._opening.setdefault(identity, asyncio.Lock()):
            known = self._all.get(identity)
            if known is not None and known.state != ConnectionState.STOPPED:
                if known.state == ConnectionState.NEEDS_AUTHENTICATION:
                    await known.sign_in_again(prompts)
                return known
            await fresh.open(prompts)
            self._all[identity] = fresh
            return fresh

    async def sign_in_again(self, connection_id: str, *, prompts: Prompts) -> SSHConnection | None:
        """A connection that waits for somebody comes back with these answers; None where there is none of this id.

        :raises RemoteError: it did not work; the connection stays, and its state says what is needed.
        """
        known = self.get(connection_id)
        if known is not None:
            async with self._opening.setdefault(known.resolved.identity, asyncio.Lock()):
                await known.sign_in_again(prompts)
        return known

    @property
    def connections(self) -> list[SSHConnection]:
        """Those that are not closed, oldest first."""
        return [one for one in self._all.values() if one.state != ConnectionState.STOPPED]

    def get(self, connection_id: str) -> SSHConnection | None:
        return next((one for one in self._all.values() if one.id == connection_id), None)

    async def close(self, connection_id: str) -> bool:
        """End one; False where there is none of this id."""
        for identity, one in list(self._all.items()):
            if one.id == connection_id:
                await one.close()
                del self._all[identity]
                return True
        return False

    async def close_all(self) -> None:
        await asyncio.gather(*(one.close() for one in self._all.values()))
        self._all.clear()
