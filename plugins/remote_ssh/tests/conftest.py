"""A real OpenSSH server with a configuration of its own, on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import asyncssh
import pytest
from runicorn.testing.ports import free_port
from runicorn_remote_ssh import connection as connecting
from runicorn_remote_ssh import reaching
from runicorn_remote_ssh.config import SSHConfig
from runicorn_remote_ssh.connection import SSHConnection
from runicorn_remote_ssh.known_hosts import KnownHosts
from runicorn_remote_ssh.pool import SSHConnectionPool
from runicorn_remote_ssh.state import ConnectionState

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")


class Sshd:
    """One server. ``key`` is let in as whoever runs the tests, and as every user made by :meth:`add_user`."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder, self.port = folder, port or free_port()
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.host_key, self.key = folder / "host_key", folder / "user_key"
        self.user = os.environ.get("USER") or subprocess.check_output(["id", "-un"], text=True).strip()
        self._process: subprocess.Popen[bytes] | None = None
        self.program, self.extra = str(SSHD), list[str]()
        self.host, self._before = "127.0.0.1", list[str]()
        self.new_host_key()
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(str(self.key))
        self.key.chmod(0o600)
        (folder / "authorized").write_bytes(key.export_public_key())
        (folder / "authorized").chmod(0o644)

    def new_host_key(self) -> None:
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(self.host_key))
        self.host_key.chmod(0o600)

    def move(self, host: str, before: list[str]) -> None:
        """To another address; ``before`` stands in front of its command, to start it elsewhere."""
        self.host, self._before = host, before

    def start(self) -> None:
        lines = [
            *self.extra,  # of each word the first one holds
            f"ListenAddress {self.host}:{self.port}",
            f"HostKey {self.host_key}",
            f"AuthorizedKeysFile {self.folder}/authorized",
            "PidFile none",
            "StrictModes no",
            "UsePAM no",
            "PermitRootLogin yes",
            "Subsystem sftp internal-sftp",
            "MaxStartups 100",
            "PrintMotd no",
        ]
        (self.folder / "sshd.conf").write_text("\n".join(lines) + "\n")
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        command = [*self._before, self.program, "-D", "-e", "-f", str(self.folder / "sshd.conf")]
        said = self.folder / "sshd.log"
        with said.open("ab") as log:
            before = log.tell()
            self._process = subprocess.Popen(
                command, stderr=log, stdout=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            # That something answers there says little: another test may have been given the port meanwhile.
            if b"Server listening on " in said.read_bytes()[before:]:
                return
            assert self._process.poll() is None, said.read_text()
            time.sleep(0.02)
        raise AssertionError(said.read_text())

    def stop(self, *, sessions: bool = True) -> None:
        """End the server, and the sessions that it serves."""
        if self._process is None:
            return
        children = subprocess.run(
            ["pgrep", "-P", str(self._process.pid)], capture_output=True, text=True
        ).stdout.split()
        self._process.terminate()
        self._process.wait(60)
        for child in children if sessions else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        self._process = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "started first"
        return self._process.pid

    def config(self, **more: object) -> SSHConfig:
        given: dict[str, object] = {
            "host": self.host,
            "port": self.port,
            "username": self.user,
            "auth": "key",
            "key_path": str(self.key),
            "jump": (),
        }
        return SSHConfig(**{**given, **more})  # type: ignore[arg-type]

    def trust(self, known: KnownHosts, port: int | None = None) -> None:
        """Put the host's key on file, as a user would have it from the administrator.

        :param port: where it is reached, if that is another one.
        """
        key = asyncssh.read_public_key(self._public())
        known.own.parent.mkdir(parents=True, exist_ok=True)
        with known.own.open("ab") as file:
            file.write(f"[{self.host}]:{port or self.port} ".encode() + key.export_public_key())

    def _public(self) -> str:
        public = self.folder / "host_key.pub"
        public.write_bytes(asyncssh.read_private_key(str(self.host_key)).export_public_key())
        return str(public)


@pytest.fixture
def known_hosts(tmp_path: Path) -> KnownHosts:
    return KnownHosts(tmp_path / "known_hosts", others=[tmp_path / "users_known_hosts"])


@pytest.fixture
def pool(known_hosts: KnownHosts) -> SSHConnectionPool:
    return SSHConnectionPool(known_hosts, files=[])


def run(what: Callable[[], Awaitable[None]], seconds: float = 200) -> None:
    """On a loop of its own, for so long at most."""

    async def bounded() -> None:
        async with asyncio.timeout(seconds):
            await what()

    asyncio.run(bounded())


async def reach(connection: SSHConnection, wanted: ConnectionState) -> None:
    """Wait until a connection is in a state."""
    async with asyncio.timeout(60):
        while connection.state != wanted:
            await asyncio.sleep(0.02)


Patience = Callable[..., None]


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Patience:
    """How long a silent line is borne. Short, a loaded machine makes a good one look lost: short only until it is."""
    ordinary = reaching.KEEPALIVE_S, connecting.LATE_S

    def bear(*, short: bool) -> None:
        keepalive, late = (0.5, 0.4) if short else ordinary
        monkeypatch.setattr(reaching, "KEEPALIVE_S", keepalive)
        monkeypatch.setattr(connecting, "KEEPALIVE_S", keepalive)
        monkeypatch.setattr(connecting, "LATE_S", late)

    return bear


@pytest.fixture
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    if SSHD is None:
        pytest.skip("needs a real SSH server: apt-get install openssh-server")
    folder = tmp_path_factory.mktemp("sshd", numbered=True)
    server = Sshd(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def cable(sshd: Sshd) -> Iterator[Callable[[bool], None]]:
    """The server in a network of its own; the cable to it can be pulled."""
    if not ROOT or shutil.which("ip") is None:
        pytest.skip("makes a network namespace: run it as root, with iproute2 installed")
    tag = f"rn{os.getpid() % 10000}"
    near, far = f"{tag}n", f"{tag}f"

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True)

    # Both ends lie in networks of their own: a browser of another test would start its loads again at a new interface.
    try:
        back = leave_the_network()
        ip("netns", "add", tag)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"this system makes no network namespaces: {error}")
    try:
        ip("link", "set", "lo", "up")
        ip("link", "add", near, "type", "veth", "peer", "name", far)
        ip("link", "set", far, "netns", tag)
        ip("addr", "add", "10.213.7.1/30", "dev", near)
        ip("link", "set", near, "up")
        ip("-n", tag, "addr", "add", "10.213.7.2/30", "dev", far)
        ip("-n", tag, "link", "set", far, "up")
        ip("-n", tag, "link", "set", "lo", "up")
        sshd.stop()
        sshd.move("10.213.7.2", ["ip", "netns", "exec", tag])
        sshd.start()
        yield lambda plugged: ip("link", "set", near, "up" if plugged else "down")
    finally:
        sshd.stop()
        ip("netns", "del", tag)
        back()


def leave_the_network() -> Callable[[], None]:
    """Put this thread, and what it starts, into an empty network; the result takes it back."""
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/self/ns/net", os.O_RDONLY)
    if libc.unshare(0x40000000) != 0:  # CLONE_NEWNET
        os.close(before)
        raise OSError(ctypes.get_errno(), "unshare")

    def back() -> None:
        assert libc.setns(before, 0x40000000) == 0
        os.close(before)

    return back


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder without keys and hosts, and no agent."""
    folder = tmp_path / "user home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return folder
