"""``ssh://[user@]host[:port]/path``: files over SFTP, and storage roots read over it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from attrs import frozen
from runicorn.contracts import FileTree, Store
from runicorn.errors import InvalidArgument, RunicornError, StorageError, StorageUnreachable

from ..config import SSHConfig, place_of
from ..errors import HostUnreachable, NotConnected
from .loop import TRANSFERS
from .sftp_tree import SftpTree

if TYPE_CHECKING:
    import asyncssh

    from ..connection import SSHConnection
    from ..pool import SSHConnectionPool
    from .keeping import KeptRoot

AnyStore = TypeVar("AnyStore", bound=Store)
_CONNECT_S = 660.0  # somebody may have to type a password


@frozen
class Address:
    """A folder on a host."""

    config: SSHConfig
    path: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """``ssh://[user@]host[:port]/path``, or ``[user@]host:path``.

        :raises InvalidArgument: it is no such address.
        """
        config, path = SSHConfig.from_uri(text) if "://" in text else place_of(text)
        if path is None:
            raise InvalidArgument("address", text, "must look like host:path or ssh://host/path")
        if path in ("", "~") or path.startswith("~/"):
            path = path[2:]
        elif path.startswith("~"):
            raise InvalidArgument("address", text, "names another user's home; write the whole path")
        return cls(config, path.rstrip("/") or ("/" if path.startswith("/") else ""))

    @property
    def uri(self) -> str:
        """The same text for the same folder, as far as this machine can tell."""
        config = self.config
        user = f"{quote(config.username)}@" if config.username else ""
        host = f"[{config.host}]" if ":" in config.host else config.host
        path = self.path if self.path.startswith("/") else f"/~/{self.path}".rstrip("/")
        return f"ssh://{user}{host}{f':{config.port}' if config.port else ''}{quote(path)}"


class SshTransport:
    """SFTP, with the connections of this process."""

    name = "sftp"
    schemes = frozenset(["ssh"])

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: SSHConnectionPool | None = None
        self._kept: dict[str, tuple[KeptRoot, int]] = {}

    def open(self, uri: str, *, asks: bool = True) -> FileTree:
        """
        :param asks: somebody waits for the first session, and may be asked for a password; nobody is for a later one.
        """
        address = Address.parse(uri)

        async def connection() -> SSHConnection:
            return await self._connection(address, asks)

        async def session() -> AbstractAsyncContextManager[asyncssh.SFTPClient]:
            return (await connection()).sftp()

        tree = SftpTree(address.uri, address.path, session, connection)
        try:
            TRANSFERS.call(tree.opened(), _CONNECT_S, address.uri)
        except (HostUnreachable, NotConnected) as error:
            raise StorageUnreachable("opening", address.uri, str(error)) from error
        except StorageError:
            raise
        except RunicornError as error:
            raise StorageError("opening", address.uri, str(error)) from error
        asks = False
        return tree

    def open_root(self, uri: str, open_folder: Callable[[Path], AnyStore]) -> AnyStore:
        from .store import RemoteStore

        address = Address.parse(uri)
        kept = self._keep(address)
        try:
            store = open_folder(kept.folder)
        except BaseException:
            self.let_go(address.uri)
            raise
        return RemoteStore(store, kept, lambda: self.let_go(address.uri))  # type: ignore[return-value]  # it stands in for it

    @property
    def kept(self) -> list[KeptRoot]:
        """The roots elsewhere that are open in this process."""
        with self._lock:
            return [kept for kept, _ in self._kept.values()]

    def close(self) -> None:
        """End the connections that trees have opened."""
        pool, self._pool = self._pool, None
        if pool is not None:
            TRANSFERS.call(pool.close_all(), 10.0, "connections")

    def _keep(self, address: Address) -> KeptRoot:
        from .keeping import KeptRoot

        with self._lock:
            kept, users = self._kept.get(address.uri, (None, 0))
            if kept is None:
                kept = KeptRoot(address.uri, lambda asks: self.open(address.uri, asks=asks))
                kept.start()
            self._kept[address.uri] = (kept, users + 1)
            return kept

    def let_go(self, uri: str) -> None:
        """One store less looks at a root; after the last one it is not kept in step any longer."""
        with self._lock:
            kept, users = self._kept[uri]
            if users > 1:
                self._kept[uri] = (kept, users - 1)
                return
            del self._kept[uri]
        kept.close()

    # --- On the transfers' loop

    async def _connection(self, address: Address, asks: bool) -> SSHConnection:
        from ..pool import SSHConnectionPool
        from ..prompts import NoPrompts
        from ..terminal import connect

        if self._pool is None:
            self._pool = SSHConnectionPool()
        if asks:
            return await connect(self._pool, address.config)
        return await self._pool.connect(address.config, prompts=NoPrompts())


TRANSPORT = SshTransport()
