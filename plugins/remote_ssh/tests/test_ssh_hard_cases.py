"""What happens to connections in the world: cut cables, killed servers, other users, odd homes, machines that sleep."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import pytest
from runicorn_remote_ssh import channels, state
from runicorn_remote_ssh import connection as module
from runicorn_remote_ssh.config import SSHConfig
from runicorn_remote_ssh.errors import AuthenticationFailed, HostKeyUnknown, NotConnected, RemoteError
from runicorn_remote_ssh.looking.folders import list_folder
from runicorn_remote_ssh.pool import SSHConnectionPool
from runicorn_remote_ssh.prompts import NoPrompts
from runicorn_remote_ssh.state import ConnectionState
from runicorn_remote_ssh.viewer.launch import Wanted, launch
from runicorn_remote_ssh.viewer.line import SSHLine

from .conftest import ROOT, Patience, Sshd, reach, run


def test_a_program_whose_server_dies_is_no_program_that_ended(sshd: Sshd, pool: SSHConnectionPool) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        first = connection.connected_at
        mark = f"runicorn-lost-{os.urandom(6).hex()}"
        running = asyncio.ensure_future(connection.run(["sh", "-c", "echo part; sleep 60; true", mark], timeout_s=150))
        while subprocess.run(["pgrep", "-f", mark], capture_output=True).returncode:
            await asyncio.sleep(0.05)
        sshd.stop()
        with pytest.raises(NotConnected, match="lost"):
            await running
        sshd.start()
        while connection.connected_at == first:
            await asyncio.sleep(0.02)
        await connection.wait_up(60)
        done = await connection.run(["sh", "-c", "kill -KILL $$"])
        assert done.exit_status is None
        await pool.close_all()

    run(check)


def test_whoever_gives_up_while_something_is_opened_leaves_nothing_open(sshd: Sshd, pool: SSHConnectionPool) -> None:
    """A server starts no more than ten sessions for a connection, and this one still starts what is asked for."""
    mark = f"runicorn-given-up-{os.urandom(6).hex()}"

    async def files(connection: module.SSHConnection) -> None:
        async with connection.sftp():
            await asyncio.sleep(30)

    async def check() -> None:
        sshd.trust(pool.known_hosts)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        for turn in range(60):  # opening takes some milliseconds: any moment of it
            for wanted in (connection.run(["sh", "-c", "cat; true", mark]), files(connection)):
                opening = asyncio.ensure_future(wanted)
                await asyncio.sleep(turn * 0.0002)
                opening.cancel()
                await asyncio.gather(opening, return_exceptions=True)
        async with asyncio.timeout(60):
            while subprocess.run(["pgrep", "-f", mark], capture_output=True).returncode == 0:
                await asyncio.sleep(0.05)
            refused = 8
            while refused:  # what was given up last may still be on its way out
                asked = (connection.start(["sh", "-c", "echo x; cat"]) for _ in range(8))
                begun = await asyncio.gather(*asked, return_exceptions=True)
                refused = sum(isinstance(one, NotConnected) for one in begun)
                for process in begun:
                    if isinstance(process, asyncssh.SSHClientProcess):
                        process.close()
                await asyncio.sleep(0.05)
        await pool.close_all()

    run(check)


def test_whoever_waits_for_a_lost_connection_is_told_when_it_is_really_there(
    sshd: Sshd, pool: SSHConnectionPool
) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        for _ in range(3):
            sshd.stop()
            await reach(connection, ConnectionState.RECONNECTING)
            sshd.start()
            await connection.wait_up(60)
            assert (await connection.run(["echo", "x"])).stdout == b"x\n"
        await pool.close_all()

    run(check)


def test_a_wrong_answer_after_an_outage_leaves_the_connection_waiting(sshd: Sshd, pool: SSHConnectionPool) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        authorized = sshd.folder / "authorized"
        kept = authorized.read_bytes()
        authorized.write_bytes(b"")
        sshd.stop()
        sshd.start()
        await reach(connection, ConnectionState.NEEDS_AUTHENTICATION)
        with pytest.raises(AuthenticationFailed):
            await pool.connect(sshd.config(), prompts=NoPrompts())
        assert str(connection.state) == "needs-authentication"
        authorized.write_bytes(kept)
        assert await pool.connect(sshd.config(), prompts=NoPrompts()) is connection
        assert str(connection.state) == "up"
        await pool.close_all()

    run(check)


def test_another_key_while_it_comes_back_is_never_taken(sshd: Sshd, pool: SSHConnectionPool) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        sshd.stop()
        sshd.new_host_key()
        sshd.start()
        await reach(connection, ConnectionState.NEEDS_AUTHENTICATION)
        assert "CHANGED" in connection.error
        with pytest.raises(NotConnected):
            await connection.run(["true"])
        await pool.close_all()

    run(check)


def test_no_secret_is_sent_to_a_host_whose_key_is_not_known(pool: SSHConnectionPool) -> None:
    begun: list[str] = []

    class Listening(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            begun.append(username)
            return True

    async def check() -> None:
        key = asyncssh.generate_private_key("ssh-ed25519")
        server = await asyncssh.listen("127.0.0.1", 0, server_factory=Listening, server_host_keys=[key])
        config = SSHConfig("127.0.0.1", server.get_port(), "ada", "password", password="secret", jump=())
        with pytest.raises(HostKeyUnknown):
            await pool.connect(config, prompts=NoPrompts())
        assert begun == []
        server.close()

    run(check)


def test_a_machine_that_slept_looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = [1000.0]
    monkeypatch.setattr(state, "time", lambda: shown[0])

    async def check() -> None:
        waiting = asyncio.ensure_future(state.rest(60))
        await asyncio.sleep(0.1)
        shown[0] += 3600  # the lid was closed for an hour
        assert await asyncio.wait_for(waiting, 50)
        assert not await state.rest(0.1)

    run(check)


@pytest.fixture
def users() -> Iterator[list[str]]:
    """Two users with passwords, and homes with spaces and Chinese.

    These lie beside pytest's folders, into which every pytest that starts lets only its own user.
    """
    if not ROOT or shutil.which("useradd") is None:
        pytest.skip("makes users: run it as root on a system with useradd")
    names = [f"rn{os.getpid() % 100000}a", f"rn{os.getpid() % 100000}b"]
    base = Path(tempfile.mkdtemp(prefix="runicorn-homes-"))
    base.chmod(0o755)
    for number, name in enumerate(names):
        home = base / f"家 of {number}"
        subprocess.run(["useradd", "-m", "-d", str(home), "-s", "/bin/sh", name], check=True)
        subprocess.run(["chpasswd"], input=f"{name}:päss {number}\n", text=True, check=True)
    yield names
    for name in names:
        subprocess.run(["pkill", "-KILL", "-u", name], check=False)
        subprocess.run(["userdel", "-r", name], check=False, capture_output=True)
    shutil.rmtree(base, ignore_errors=True)  # a shell that ends may still write there


def test_two_users_of_one_host_have_connections_of_their_own_and_homes_may_have_any_name(
    sshd: Sshd, pool: SSHConnectionPool, users: list[str]
) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        found = []
        for number, name in enumerate(users):
            config = sshd.config(username=name, auth="password", password=f"päss {number}", key_path=None)
            connection = await pool.connect(config, prompts=NoPrompts())
            assert (await connection.run(["id", "-un"])).stdout.decode() == f"{name}\n"
            folder = await list_folder(connection, "~")
            assert folder.path.endswith(f"家 of {number}")
            assert (await connection.run(["pwd"])).stdout.decode().strip() == folder.path
            found.append(connection)
        assert found[0] is not found[1]
        wrong = sshd.config(username=users[0], auth="password", password="päss 1", key_path=None)
        with pytest.raises(AuthenticationFailed):  # the other's password
            await pool.connect(wrong, prompts=NoPrompts())
        assert [one.state for one in found] == [ConnectionState.UP] * 2
        await pool.close_all()

    run(check)


def test_a_pulled_cable_is_noticed_and_the_connection_comes_back_when_it_is_plugged_in(
    sshd: Sshd, pool: SSHConnectionPool, cable: Callable[[bool], None], patience: Patience
) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        patience(short=True)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        seen: list[str] = []
        connection.watch(lambda one: seen.append(str(one.state)))
        cable(False)
        await reach(connection, ConnectionState.RECONNECTING)
        assert "degraded" in seen
        await asyncio.sleep(3)
        assert connection.state == ConnectionState.RECONNECTING
        patience(short=False)
        cable(True)
        await reach(connection, ConnectionState.UP)
        assert (await connection.run(["echo", "here"])).stdout == b"here\n"
        await pool.close_all()

    run(check)


def test_a_server_that_allows_one_session_at_a_time_is_given_a_moment_and_its_limit_is_named(
    sshd: Sshd, pool: SSHConnectionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "_AGAIN_S", (0.05,) * 1000)  # a busy machine needs more than a moment
    sshd.stop()
    sshd.extra = ["MaxSessions 1"]
    sshd.start()

    async def check() -> None:
        sshd.trust(pool.known_hosts)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        for number in range(15):
            done = await connection.run(["echo", str(number)])
            assert done.stdout == f"{number}\n".encode()
            async with connection.sftp() as sftp:
                await sftp.realpath(".")
        process = await connection.start(["cat"])
        monkeypatch.setattr(channels, "_AGAIN_S", (0.05,))
        with pytest.raises(NotConnected, match="no other session"):
            await connection.run(["true"])
        process.close()
        await pool.close_all()

    run(check)


def test_a_stream_whose_line_breaks_fails_as_connections_do(sshd: Sshd, pool: SSHConnectionPool) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        reader, writer = await connection.open_stream("127.0.0.1", sshd.port)
        assert (await reader.read(100)).startswith(b"SSH-2.0")
        reading = asyncio.ensure_future(reader.read(100))
        sshd.stop()
        with pytest.raises(ConnectionError):
            await reading
        with pytest.raises(ConnectionError):
            await writer.drain()
        await pool.close_all()

    run(check)


def test_a_line_that_breaks_while_a_viewer_starts_there_is_said(
    sshd: Sshd, pool: SSHConnectionPool, tmp_path: Path
) -> None:
    slow, began = tmp_path / "slow", tmp_path / "began"
    slow.write_text(f"#!/bin/sh\ntouch '{began}'\nexec cat\n")
    slow.chmod(0o755)

    async def check() -> None:
        sshd.trust(pool.known_hosts)
        line = SSHLine(await pool.connect(sshd.config(), prompts=NoPrompts()))
        starting = asyncio.ensure_future(launch(line, Wanted("s", str(slow), "", "t")))
        while not began.exists():
            await asyncio.sleep(0.02)
        sshd.stop()
        with pytest.raises(RemoteError, match="the connection was lost"):
            await starting
        await pool.close_all()

    run(check)
