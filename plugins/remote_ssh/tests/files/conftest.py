"""An SFTP server inside the test's process, whose connections can be cut."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from runicorn_remote_ssh.files.loop import LoopThread
from runicorn_remote_ssh.files.sftp_tree import SftpTree

from ..conftest import Sshd


class Server(asyncssh.SSHServer):
    """Lets everybody in."""

    def begin_auth(self, username: str) -> bool:
        return False


class SftpPlace:
    """A folder behind SFTP."""

    def __init__(self, folder: Path, loop: LoopThread) -> None:
        self.folder, self._loop = folder, loop
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._connections: list[Any] = []
        self.requests: list[str] = []
        self.sessions = 0
        self.refused: set[str] = set()
        self.port = 0
        self.start()

    def start(self) -> None:
        place = self

        class Files(asyncssh.SFTPServer):
            def __init__(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
                super().__init__(chan, chroot=str(place.folder).encode())
                place._connections.append(chan.get_connection())
                place.sessions += 1

            def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
                place.requests.append(f"open {path.decode()}")
                if any(path.decode().endswith(name) for name in place.refused):
                    raise asyncssh.SFTPPermissionDenied("not for you")
                return super().open(path, pflags, attrs)

        async def listen() -> asyncssh.SSHAcceptor:
            return await asyncssh.listen(
                "127.0.0.1", self.port, server_host_keys=[self._key], server_factory=Server, sftp_factory=Files
            )

        self._acceptor = self._loop.call(listen(), 60, "server")
        self.port = self._acceptor.get_port()

    def cut(self) -> None:
        """The network is gone: nothing answers at the address."""

        async def end() -> None:
            if self._acceptor is not None:
                self._acceptor.close()
                await self._acceptor.wait_closed()
            for connection in self._connections:
                connection.abort()
            self._connections.clear()

        self._loop.call(end(), 60, "server")
        self._acceptor = None

    async def opening(self) -> AbstractAsyncContextManager[asyncssh.SFTPClient]:
        connection = await asyncssh.connect("127.0.0.1", self.port, known_hosts=None, config=None, username="somebody")
        return await connection.start_sftp_client(path_errors="surrogateescape")

    def tree(self, base: str = "/") -> SftpTree:
        return SftpTree("ssh://place/root", base, self.opening)


@pytest.fixture(scope="session")
def server_loop() -> LoopThread:
    return LoopThread("test-sftp-server")


@pytest.fixture
def place(tmp_path: Path, server_loop: LoopThread) -> Iterator[SftpPlace]:
    folder = tmp_path / "over there 远"
    folder.mkdir()
    place = SftpPlace(folder, server_loop)
    yield place
    place.cut()


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks follow each other quickly."""
    from runicorn_remote_ssh.files import keeping

    monkeypatch.setattr(keeping, "LIVE_S", 0.05)
    monkeypatch.setattr(keeping, "FIND_S", 0.1)
    monkeypatch.setattr(keeping, "_AGAIN_MOST_S", 0.2)


@pytest.fixture
def environ(sshd: Sshd, tmp_path: Path) -> dict[str, str]:
    """A user whose configuration of OpenSSH knows the host ``Box``."""
    home = tmp_path / "user home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh/config").write_text(
        f"Host Box\n  HostName 127.0.0.1\n  Port {sshd.port}\n  User {sshd.user}\n  IdentityFile {sshd.key}\n"
    )
    key = asyncssh.read_private_key(str(sshd.host_key)).export_public_key().decode()
    (home / ".ssh/known_hosts").write_text(f"[127.0.0.1]:{sshd.port} {key}")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("RUNICORN_", "SSH_"))}
    return ours | {"HOME": str(home), "RUNICORN_HOME": str(tmp_path / "home"), "PYTHONUNBUFFERED": "1"}
