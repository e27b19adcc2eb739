"""Passwords, second factors and who is let in: against a server in this process that asks for them."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

import asyncssh
import pytest
from runicorn.errors import InvalidArgument
from runicorn_remote_ssh.config import SSHConfig
from runicorn_remote_ssh.errors import AuthenticationFailed, HostUnreachable
from runicorn_remote_ssh.known_hosts import KnownHosts
from runicorn_remote_ssh.pool import SSHConnectionPool
from runicorn_remote_ssh.prompts import Asking, NoPrompts
from runicorn_remote_ssh.state import ConnectionState

from .conftest import SSHD, Patience, Sshd, run

PASSWORD, CODE = "öpen sésame", "123456"


class Server(asyncssh.SSHServer):
    """Lets ``ada`` in with a password, ``bob`` with a password and a code."""

    tries: ClassVar[list[tuple[str, str]]] = []
    open: ClassVar[list[asyncssh.SSHServerConnection]] = []

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.open.append(conn)

    def begin_auth(self, username: str) -> bool:
        self.user = username
        return True

    def password_auth_supported(self) -> bool:
        return self.user == "ada"

    def validate_password(self, username: str, password: str) -> bool:
        self.tries.append((username, password))
        return password == PASSWORD

    def kbdint_auth_supported(self) -> bool:
        return self.user == "bob"

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return ("Two steps", "The lab\x1b[31m", "", [("Password: ", False), ("Code: ", True)])

    def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        return list(responses) == [PASSWORD, CODE]

    def connection_requested(self, *_: object) -> bool:
        return False


async def echo(process: asyncssh.SSHServerProcess[bytes]) -> None:
    mark = str(process.command).split(";")[0].removeprefix("echo ").encode()
    process.stdout.write(mark + b"\nhello\n")
    process.exit(0)


class Answers:
    def __init__(self, *answers: Sequence[str] | None) -> None:
        self.answers, self.asked = list(answers), list[Asking]()

    async def ask(self, asking: Asking) -> Sequence[str] | None:
        self.asked.append(asking)
        return self.answers.pop(0)


@asynccontextmanager
async def server(known: KnownHosts, port: int = 0, key: Any = None) -> AsyncIterator[int]:
    key = key or asyncssh.generate_private_key("ssh-ed25519")
    Server.tries.clear()
    running = await asyncssh.listen(
        "127.0.0.1", port, server_factory=Server, server_host_keys=[key], process_factory=echo, encoding=None
    )
    port = running.get_port()
    known.own.parent.mkdir(parents=True, exist_ok=True)
    known.own.write_bytes(f"[127.0.0.1]:{port} ".encode() + key.export_public_key())
    try:
        yield port
    finally:
        running.close()
        await running.wait_closed()
        while Server.open:
            Server.open.pop().abort()


def config(port: int, **more: Any) -> SSHConfig:
    return SSHConfig(**{"host": "127.0.0.1", "port": port, "username": "ada", "jump": (), **more})


def test_a_password_is_asked_for_until_it_is_right(pool: SSHConnectionPool) -> None:
    async def check() -> None:
        async with server(pool.known_hosts) as port:
            answers = Answers(["wrong"], [PASSWORD])
            connection = await pool.connect(config(port), prompts=answers)
            assert [one.kind for one in answers.asked] == ["password", "password"]
            assert [one.again for one in answers.asked] == [False, True]
            assert (await connection.run(["anything"])).stdout == b"hello\n"
            assert connection.typed_secrets == {"password": PASSWORD}
            await pool.close_all()

    run(check)


def test_three_wrong_passwords_are_enough_and_giving_up_is_no_retry(pool: SSHConnectionPool) -> None:
    async def check() -> None:
        async with server(pool.known_hosts) as port:
            with pytest.raises(AuthenticationFailed, match=r"ada@127\.0\.0\.1 was not let in"):
                await pool.connect(config(port), prompts=Answers(["a"], ["b"], ["c"]))
            assert len(Server.tries) == 3
            gives_up = Answers(None)
            with pytest.raises(AuthenticationFailed):
                await pool.connect(config(port), prompts=gives_up)
            assert (len(gives_up.asked), len(Server.tries)) == (1, 3)
            with pytest.raises(AuthenticationFailed, match="asks for a password, and nobody was there"):
                await pool.connect(config(port), prompts=NoPrompts())

    run(check)


def test_a_wrong_password_beside_a_good_connection_is_refused_and_a_right_one_shares_it(
    pool: SSHConnectionPool,
) -> None:
    async def check() -> None:
        async with server(pool.known_hosts) as port:
            good = await pool.connect(config(port, auth="password", password=PASSWORD), prompts=NoPrompts())
            with pytest.raises(AuthenticationFailed, match="the password is wrong"):
                await pool.connect(config(port, auth="password", password="wrong"), prompts=NoPrompts())
            same = config(port, auth="password", password=PASSWORD)
            assert await pool.connect(same, prompts=NoPrompts()) is good
            with pytest.raises(AuthenticationFailed):  # another user
                await pool.connect(
                    config(port, username="eve", auth="password", password=PASSWORD), prompts=NoPrompts()
                )
            assert pool.connections == [good]
            assert (await good.run(["x"])).stdout == b"hello\n"
            await pool.close_all()

    run(check)


def test_many_who_ask_at_once_share_one_connection(pool: SSHConnectionPool) -> None:
    async def check() -> None:
        async with server(pool.known_hosts) as port:
            asked = config(port, auth="password", password=PASSWORD)
            found = await asyncio.gather(*(pool.connect(asked, prompts=NoPrompts()) for _ in range(20)))
            assert len({one.id for one in found}) == 1
            assert len(Server.tries) == 1
            await pool.close_all()

    run(check)


def test_a_second_factor_is_asked_for_as_the_host_words_it(pool: SSHConnectionPool) -> None:
    async def check() -> None:
        async with server(pool.known_hosts) as port:
            answers = Answers([PASSWORD, CODE])
            await pool.connect(config(port, username="bob"), prompts=answers)
            (asking,) = answers.asked
            assert (asking.kind, asking.title) == ("interactive", "Two steps The lab[31m")
            assert [(q.text, q.secret) for q in asking.questions] == [("Password: ", True), ("Code: ", False)]
            await pool.close_all()

    run(check)


@pytest.fixture
def two_steps(sshd: Sshd, tmp_path: Path) -> Iterator[Sshd]:
    """A real server that asks PAM for a code after the key. PAM knows it by the name of its program."""
    name = f"runicorn-sshd-{os.getpid()}"
    service = Path("/etc/pam.d") / name
    program = tmp_path / name
    check = tmp_path / "check"
    check.write_text(f"#!/bin/sh\n[ \"$(tr -d '\\0')\" = {CODE} ]\n")
    check.chmod(0o755)
    try:
        service.write_text(
            f"auth required pam_exec.so quiet expose_authtok {check}\nauth required pam_permit.so\n"
            "account required pam_permit.so\nsession required pam_permit.so\n"
        )
    except OSError:
        pytest.skip("a service of PAM's needs root; run the tests as root in a container")
    shutil.copy(str(SSHD), program)
    sshd.stop()
    sshd.program = str(program)
    sshd.extra += ["UsePAM yes", "KbdInteractiveAuthentication yes"]
    sshd.extra += ["AuthenticationMethods publickey,keyboard-interactive:pam"]
    sshd.start()
    yield sshd
    service.unlink()


def test_a_real_server_with_pam_asks_for_a_code_after_the_key(two_steps: Sshd, pool: SSHConnectionPool) -> None:
    two_steps.trust(pool.known_hosts)

    async def check() -> None:
        wrong = Answers(["000000"], None)
        with pytest.raises(AuthenticationFailed):
            await pool.connect(two_steps.config(), prompts=wrong)
        assert wrong.asked[0].kind == "interactive"
        right = Answers([CODE])
        connection = await pool.connect(two_steps.config(), prompts=right)
        assert [question.secret for question in right.asked[0].questions] == [True]
        assert (await connection.run(["echo", "in"])).stdout == b"in\n"
        with pytest.raises(AuthenticationFailed):  # somebody else's wrong code ends nobody's connection
            await pool.connect(two_steps.config(passphrase="another"), prompts=Answers(["111111"], None))
        assert connection.state == ConnectionState.UP
        assert (await connection.run(["echo", "still"])).stdout == b"still\n"
        await pool.close_all()

    run(check)


def test_coming_back_uses_the_typed_password_and_waits_for_a_second_factor(
    pool: SSHConnectionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check() -> None:
        key = asyncssh.generate_private_key("ssh-ed25519")
        async with server(pool.known_hosts, key=key) as port:
            ada = await pool.connect(config(port), prompts=Answers([PASSWORD]))
            bob = await pool.connect(config(port, username="bob"), prompts=Answers([PASSWORD, CODE]))
        async with asyncio.timeout(60):
            while {ada.state, bob.state} != {ConnectionState.RECONNECTING}:
                await asyncio.sleep(0.02)
        async with server(pool.known_hosts, port=port, key=key):
            await ada.wait_up(60)
            async with asyncio.timeout(60):
                while bob.state != ConnectionState.NEEDS_AUTHENTICATION:
                    await asyncio.sleep(0.02)
            again = await pool.connect(config(port, username="bob"), prompts=Answers([PASSWORD, CODE]))
            assert (again, bob.state) == (bob, "up")
            await pool.close_all()

    run(check)


def test_a_frozen_way_is_degraded_then_lost_then_back(
    pool: SSHConnectionPool, monkeypatch: pytest.MonkeyPatch, patience: Patience
) -> None:
    """A cable that is pulled: nothing is closed, nothing arrives."""
    frozen = asyncio.Event()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            while frozen.is_set():
                await asyncio.sleep(0.05)
            writer.write(data)

    async def check() -> None:
        async with server(pool.known_hosts) as port:

            async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
                tasks = [
                    asyncio.ensure_future(pump(reader, far_writer)),
                    asyncio.ensure_future(pump(far_reader, writer)),
                ]
                passing.add(asyncio.current_task())
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    task.cancel()
                for end in (writer, far_writer):
                    end.close()
                    with suppress(OSError):
                        await end.wait_closed()

            passing: set[asyncio.Task[Any] | None] = set()
            proxy = await asyncio.start_server(through, "127.0.0.1", 0)
            proxy_port = proxy.sockets[0].getsockname()[1]
            line = pool.known_hosts.own.read_text().replace(f":{port} ", f":{proxy_port} ")
            pool.known_hosts.own.write_text(line)
            asked = config(proxy_port, auth="password", password=PASSWORD)
            patience(short=True)
            connection = await pool.connect(asked, prompts=NoPrompts())
            seen: list[str] = []
            connection.watch(lambda one: seen.append(str(one.state)))
            frozen.set()
            async with asyncio.timeout(60):
                while "reconnecting" not in seen:
                    await asyncio.sleep(0.02)
            assert seen[0] == "degraded"
            patience(short=False)
            frozen.clear()
            await connection.wait_up(60)
            assert (await connection.run(["x"])).stdout == b"hello\n"
            await pool.close_all()
            proxy.close()
            await asyncio.gather(*(task for task in passing if task is not None))

    run(check)


def test_what_is_no_ssh_server_is_one_sentence(pool: SSHConnectionPool) -> None:
    async def check() -> None:
        async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

        other = await asyncio.start_server(rude, "127.0.0.1", 0)
        port = other.sockets[0].getsockname()[1]
        with pytest.raises(HostUnreachable) as caught:
            await pool.connect(config(port), prompts=NoPrompts())
        assert "\n" not in str(caught.value)
        other.close()

    run(check)


@pytest.mark.parametrize("host", ["-oProxyCommand=x", "a b", "", "a\nb", "x\0"])
def test_a_host_that_is_no_name_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="host="):
        SSHConfig(host)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="must not hold a password") as caught:
        SSHConfig.from_uri("ssh://ada:hunter2@box/runs")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("address", ["ssh://ada:hunter2@[::1/runs", "ssh://box:0/runs", "ssh://box:65536/", "ssh:///x"])
def test_an_address_that_is_none_is_one_sentence(address: str) -> None:
    with pytest.raises(InvalidArgument, match="address") as caught:
        SSHConfig.from_uri(address)
    assert "hunter2" not in str(caught.value)


def test_aliases_are_read_through_includes(tmp_path: Path, home: Path) -> None:
    from runicorn_remote_ssh.config import host_aliases, resolve

    (home / ".ssh" / "conf.d").mkdir(parents=True)
    (home / ".ssh" / "config").write_text(
        'Include conf.d/*\nHost box "other box" *.wild !not\n  HostName box.example\n  User 小明\n'
    )
    (home / ".ssh" / "conf.d" / "a").write_text("Host=Deep\n  Port 2222\n  ProxyJump ada@gate:2200,second\n")
    assert host_aliases()[:2] == ["Deep", "box"]
    deep = resolve(SSHConfig("Deep"))
    assert (deep.port, [(h.username, h.host, h.port) for h in deep.jump]) == (
        2222,
        [("ada", "gate", 2200), (None, "second", None)],
    )
    assert resolve(SSHConfig("box")).username == "小明"


def test_a_host_on_the_way_may_have_a_host_on_its_way(home: Path) -> None:
    from runicorn_remote_ssh.config import resolve

    (home / ".ssh").mkdir()
    (home / ".ssh" / "config").write_text(
        "Host gate\n  HostName gate.example\nHost middle\n  ProxyJump gate\nHost inner\n  ProxyJump ada@middle:2200\n"
        "Host last\n  ProxyJump inner,other\nHost one\n  ProxyJump two\nHost two\n  ProxyJump one\n"
        "Host *.lab door\n  ProxyJump door\n"
    )

    def way(host: str) -> list[tuple[str | None, str, int | None]]:
        return [(hop.username, hop.host, hop.port) for hop in resolve(SSHConfig(host)).jump]

    gate, middle = (None, "gate", None), ("ada", "middle", 2200)
    assert way("inner") == [gate, middle]
    assert way("last") == [gate, middle, (None, "inner", None), (None, "other", None)]
    assert way("one") == [(None, "two", None)]  # nothing is reached through itself
    assert way("gpu.lab") == [(None, "door", None)]
    assert way("door") == []
    assert [hop.host for hop in resolve(SSHConfig("inner", jump=["middle"])).jump] == ["gate", "middle"]
    assert resolve(SSHConfig("inner", jump=())).jump == ()


def test_two_aliases_of_one_host_with_keys_of_their_own_are_two_identities(home: Path) -> None:
    from runicorn_remote_ssh.config import resolve

    (home / ".ssh").mkdir()
    (home / ".ssh" / "config").write_text(
        "Host work private\n  HostName box.example\n  User ada\nHost work\n  IdentityFile ~/.ssh/work\n"
        "Host private\n  IdentityFile ~/.ssh/private\nHost same\n  HostName box.example\n  User ada\n"
        "  IdentityFile ~/.ssh/work\n"
    )
    identities = [resolve(SSHConfig(host)).identity for host in ("work", "private", "same")]
    assert identities[0] != identities[1]
    assert identities[0] == identities[2]


def test_a_password_in_a_hop_is_refused_and_not_repeated() -> None:
    from runicorn_remote_ssh.config import hop

    with pytest.raises(InvalidArgument) as caught:
        hop("ada:hunter2@gate")
    assert "hunter2" not in str(caught.value)
