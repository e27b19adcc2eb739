"""Connections to a real OpenSSH server: who is let in, which keys are believed, and how a connection comes back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from runicorn.errors import InvalidArgument
from runicorn_remote_ssh import programs, reaching
from runicorn_remote_ssh.config import SSHConfig
from runicorn_remote_ssh.errors import (
    AuthenticationFailed,
    HostKeyChanged,
    HostKeyRevoked,
    HostKeyUnknown,
    HostUnreachable,
    NotConnected,
    RemoteCommandFailed,
)
from runicorn_remote_ssh.known_hosts import KnownHosts
from runicorn_remote_ssh.pool import SSHConnectionPool
from runicorn_remote_ssh.problems import problem_of
from runicorn_remote_ssh.prompts import Asking, NoPrompts
from runicorn_remote_ssh.state import ConnectionState, state_after

from .conftest import Sshd, reach, run


class Answers:
    """Answers in order, and remembers what was asked."""

    def __init__(self, *answers: str | None) -> None:
        self.answers, self.asked = list(answers), list[Asking]()

    async def ask(self, asking: Asking) -> Sequence[str] | None:
        self.asked.append(asking)
        answer = self.answers.pop(0)
        return None if answer is None else [answer]


def test_an_unknown_host_is_refused_until_exactly_its_key_is_accepted(sshd: Sshd, pool: SSHConnectionPool) -> None:
    async def check() -> None:
        for _ in range(2):
            with pytest.raises(HostKeyUnknown) as caught:
                await pool.connect(sshd.config(), prompts=NoPrompts())
        error = caught.value
        assert (error.host, error.port, error.key_type) == ("127.0.0.1", sshd.port, "ssh-ed25519")
        key = asyncssh.read_private_key(str(sshd.host_key))
        assert error.fingerprint == key.get_fingerprint()
        with pytest.raises(InvalidArgument, match="is not what"):
            pool.known_hosts.accept("127.0.0.1", sshd.port, "SHA256:other")
        pool.known_hosts.accept("127.0.0.1", sshd.port, error.fingerprint)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        assert (await connection.run(["echo", "in"])).stdout == b"in\n"
        assert pool.known_hosts.own.stat().st_mode & 0o777 == 0o600
        await pool.close_all()

    run(check)


def test_a_changed_key_is_refused_and_cannot_be_accepted_over_the_old_one(sshd: Sshd, pool: SSHConnectionPool) -> None:
    async def check() -> None:
        known = pool.known_hosts
        sshd.trust(known)
        sshd.stop()
        sshd.new_host_key()
        sshd.start()
        with pytest.raises(HostKeyChanged, match="CHANGED") as caught:
            await pool.connect(sshd.config(), prompts=NoPrompts())
        fingerprint = caught.value.fingerprint
        with pytest.raises(InvalidArgument):
            known.accept("127.0.0.1", sshd.port, fingerprint)
        assert known.remove("127.0.0.1", sshd.port) == 1
        with pytest.raises(HostKeyUnknown):
            await pool.connect(sshd.config(), prompts=NoPrompts())
        known.accept("127.0.0.1", sshd.port, fingerprint)
        await pool.connect(sshd.config(), prompts=NoPrompts())
        await pool.close_all()

    run(check)


def test_a_program_that_talks_on_and_on_is_ended(
    sshd: Sshd, pool: SSHConnectionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "_OUTPUT_MOST", 1 << 20)

    async def check() -> None:
        sshd.trust(pool.known_hosts)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        for talks in ("exec yes", "exec yes >&2"):
            with pytest.raises(RemoteCommandFailed, match="said more than 1 MiB"):
                await connection.run(["sh", "-c", talks], timeout_s=300)
        assert len((await connection.run(["head", "-c", "1000000", "/dev/zero"])).stdout) == 1_000_000
        await pool.close_all()

    run(check)


def test_a_revoked_key_is_refused_as_such_and_not_tried_again(sshd: Sshd, pool: SSHConnectionPool) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        await pool.connect(sshd.config(), prompts=NoPrompts())
        file = pool.known_hosts.own
        file.write_text(file.read_text() + f"@revoked * {sshd.host_key.with_suffix('.pub').read_text()}\n")
        with pytest.raises(HostKeyRevoked, match="REVOKED") as caught:
            await SSHConnectionPool(pool.known_hosts).connect(sshd.config(), prompts=NoPrompts())
        assert caught.value.where == str(file)
        assert problem_of(caught.value).code == "host-key-revoked"
        assert state_after(caught.value) == ConnectionState.NEEDS_AUTHENTICATION
        await pool.close_all()

    run(check)


def test_a_host_on_file_with_a_key_of_another_kind_has_changed(sshd: Sshd, pool: SSHConnectionPool) -> None:
    async def check() -> None:
        other = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key()
        pool.known_hosts.own.write_bytes(f"[127.0.0.1]:{sshd.port} ".encode() + other)
        with pytest.raises(HostKeyChanged):
            await pool.connect(sshd.config(), prompts=NoPrompts())

    run(check)


def test_a_key_with_a_passphrase_is_asked_for_and_remembered(
    sshd: Sshd, pool: SSHConnectionPool, tmp_path: Path
) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        locked = tmp_path / "locked"
        key = asyncssh.read_private_key(str(sshd.key))
        key.write_private_key(str(locked), passphrase="horse battery", rounds=50)
        config = sshd.config(key_path=str(locked))
        with pytest.raises(AuthenticationFailed, match="nobody was there to answer"):
            await pool.connect(config, prompts=NoPrompts())
        answers = Answers("horse battery")
        connection = await pool.connect(config, prompts=answers)
        assert [one.kind for one in answers.asked] == ["passphrase"]
        assert str(locked) in answers.asked[0].title
        assert (await connection.run(["true"])).exit_status == 0
        with pytest.raises(AuthenticationFailed):
            await pool.connect(sshd.config(key_path=str(locked), passphrase="wrong"), prompts=NoPrompts())
        assert "horse" not in repr(sshd.config(passphrase="horse", password="horse"))
        await pool.close_all()

    run(check)


def test_a_wrong_passphrase_is_asked_for_again_and_is_not_what_is_remembered(
    sshd: Sshd, pool: SSHConnectionPool, tmp_path: Path
) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        locked = tmp_path / "locked"
        key = asyncssh.read_private_key(str(sshd.key))
        key.write_private_key(str(locked), passphrase="horse battery", rounds=50)
        answers = Answers("donkey", "horse battery")
        connection = await pool.connect(sshd.config(key_path=str(locked), passphrase="mule"), prompts=answers)
        assert [(one.kind, one.again) for one in answers.asked] == [("passphrase", True)] * 2
        assert connection.typed_secrets == {"passphrase": "horse battery"}
        await pool.close_all()
        thrice = Answers("donkey", "mule", "ass")
        with pytest.raises(AuthenticationFailed, match="no passphrase was right"):
            await pool.connect(sshd.config(key_path=str(locked)), prompts=thrice)
        assert [one.again for one in thrice.asked] == [False, True, True]
        once = Answers(None)  # who gives up is asked nothing else
        with pytest.raises(AuthenticationFailed):
            await pool.connect(sshd.config(auth="auto", key_path=str(locked)), prompts=once)
        assert [one.kind for one in once.asked] == ["passphrase"]

    run(check)


def test_a_key_that_tells_nothing_before_it_is_opened_is_used(
    sshd: Sshd, pool: SSHConnectionPool, tmp_path: Path
) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        sealed = tmp_path / "sealed.pem"
        asyncssh.read_private_key(str(sshd.key)).write_private_key(str(sealed), "pkcs8-pem", passphrase="horse battery")
        answers = Answers("donkey", "horse battery")
        connection = await pool.connect(sshd.config(key_path=str(sealed)), prompts=answers)
        assert [(one.kind, one.again) for one in answers.asked] == [("passphrase", False), ("passphrase", True)]
        assert (await connection.run(["true"])).exit_status == 0
        await pool.close_all()

    run(check)


def test_key_files_that_cannot_be_used_hide_no_other(
    sshd: Sshd, known_hosts: KnownHosts, tmp_path: Path, home: Path
) -> None:
    (home / ".ssh").mkdir()
    (home / ".ssh" / "id_rsa").write_text("this is no key\n")
    public = asyncssh.read_private_key(str(sshd.key)).export_public_key()
    (tmp_path / "other.pub").write_bytes(public)
    lines = [f"Host usual named\n  HostName 127.0.0.1\n  Port {sshd.port}\n  User {sshd.user}\nHost named"]
    for name in (tmp_path / "nowhere", tmp_path / "other.pub", home / ".ssh" / "id_rsa", sshd.key):
        lines.append(f'  IdentityFile "{name}"')
    (tmp_path / "config").write_text("\n".join(lines) + "\n")

    async def check() -> None:
        sshd.trust(known_hosts)
        pool = SSHConnectionPool(known_hosts, files=[str(tmp_path / "config")])
        connection = await pool.connect(SSHConfig("named"), prompts=NoPrompts())
        assert (await connection.run(["true"])).exit_status == 0
        with pytest.raises(AuthenticationFailed, match="asks for a password"):
            await pool.connect(SSHConfig("usual"), prompts=NoPrompts())
        for file, why in ((tmp_path / "nowhere", "No such file"), (tmp_path / "other.pub", "Invalid private key")):
            with pytest.raises(AuthenticationFailed, match=f"{file} cannot be read: {why}"):
                await pool.connect(sshd.config(key_path=str(file)), prompts=NoPrompts())
        await pool.close_all()

    run(check)


def test_a_wrong_key_disturbs_no_good_connection_and_gets_none(
    sshd: Sshd, pool: SSHConnectionPool, tmp_path: Path
) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        good = await pool.connect(sshd.config(), prompts=NoPrompts())
        assert await pool.connect(sshd.config(), prompts=NoPrompts()) is good
        other = tmp_path / "other"
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(other))
        with pytest.raises(AuthenticationFailed):
            await pool.connect(sshd.config(key_path=str(other)), prompts=NoPrompts())
        with pytest.raises(AuthenticationFailed):
            await pool.connect(sshd.config(auth="password", password="wrong"), prompts=NoPrompts())
        assert pool.connections == [good]
        assert (await good.run(["echo", "still"])).stdout == b"still\n"
        await pool.close_all()

    run(check)


def test_the_agents_keys_are_used(
    sshd: Sshd, pool: SSHConnectionPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = str(tmp_path / "agent.sock")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
    try:
        while not os.path.exists(socket):
            assert agent.poll() is None
            time.sleep(0.01)
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        monkeypatch.setenv("HOME", str(tmp_path))

        async def check() -> None:
            sshd.trust(pool.known_hosts)
            with pytest.raises(AuthenticationFailed, match="the agent holds no key"):
                await pool.connect(sshd.config(auth="agent", key_path=None), prompts=NoPrompts())
            subprocess.run(["ssh-add", "-q", str(sshd.key)], check=True)
            connection = await pool.connect(sshd.config(auth="agent", key_path=None), prompts=NoPrompts())
            assert (await connection.run(["true"])).exit_status == 0
            await pool.close_all()
            # IdentitiesOnly: none of the agent's keys but those that are named, even by their public half alone
            (tmp_path / "config").write_text(f"IdentitiesOnly yes\nIdentityFile {tmp_path}/named.pub\n")
            named = SSHConnectionPool(pool.known_hosts, files=[str(tmp_path / "config")])
            with pytest.raises(AuthenticationFailed):
                await named.connect(sshd.config(auth="auto", key_path=None), prompts=NoPrompts())
            (tmp_path / "named.pub").write_bytes(asyncssh.read_private_key(str(sshd.key)).export_public_key())
            await named.connect(sshd.config(auth="auto", key_path=None), prompts=NoPrompts())
            await named.close_all()

        run(check)
    finally:
        agent.terminate()
        agent.wait()


def test_hosts_of_the_users_configuration_are_reached_through_their_jump_host(
    sshd: Sshd, known_hosts: KnownHosts, tmp_path: Path
) -> None:
    inner = Sshd(tmp_path / "inner")
    inner.start()
    (tmp_path / "config").write_text(
        f"Host gateway\n  HostName 127.0.0.1\n  Port {sshd.port}\n  User {sshd.user}\n  IdentityFile {sshd.key}\n"
        f"Host GPU-box\n  HostName 127.0.0.1\n  Port {inner.port}\n  User {inner.user}\n  IdentityFile {inner.key}\n"
        "  ProxyJump gateway\n"
    )

    async def check() -> None:
        pool = SSHConnectionPool(known_hosts, files=[str(tmp_path / "config")])
        config, path = SSHConfig.from_uri("ssh://GPU-box/~/runs%20here")
        assert path == "~/runs here"
        with pytest.raises(HostKeyUnknown) as caught:
            await pool.connect(config, prompts=NoPrompts())
        assert caught.value.port == sshd.port  # the hop asks first
        sshd.trust(known_hosts)
        with pytest.raises(HostKeyUnknown) as caught:
            await pool.connect(config, prompts=NoPrompts())
        assert caught.value.port == inner.port
        inner.trust(known_hosts)
        connection = await pool.connect(config, prompts=NoPrompts())
        assert (await connection.run(["echo", "far"])).stdout == b"far\n"
        await pool.close_all()

    try:
        run(check)
    finally:
        inner.stop()


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "fish", "csh"])
def test_every_login_shell_with_a_noisy_greeting_runs_exactly_what_was_said(
    sshd: Sshd, pool: SSHConnectionPool, tmp_path: Path, shell: str
) -> None:
    where = shutil.which(shell)
    if where is None:
        pytest.skip(f"needs the shell {shell}: apt-get install {shell}")
    # What sshd does for a login shell: SHELL -c COMMAND, after the shell has read its own start files.
    greeter = tmp_path / "greeter"
    greeter.write_text(
        f'#!/bin/sh\necho "Welcome! \'unbalanced"\necho noise >&2\nexec {where} -c "$SSH_ORIGINAL_COMMAND"\n'
    )
    greeter.chmod(0o755)
    sshd.stop()
    sshd.extra.append(f"ForceCommand {greeter}")
    sshd.start()
    odd = [
        "a b",
        "",
        "it's",
        'say "hi"',
        "$HOME",
        "`id`",
        "$(id)",
        "a\\b",
        "\\",
        "!!",
        "a!b",
        "*",
        "~",
        "中文 目录",
        ";|&<>(){}[]#",
        "%x",
        "=x",
        "^y",
        "-n",
        "\t",
    ]

    async def check() -> None:
        sshd.trust(pool.known_hosts)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        script = "import sys; print(sys.argv[1:], sys.stdin.read())"
        done = await connection.run([sys.executable, "-c", script, *odd], input=b"given")
        assert done.stdout.decode() == f"{odd} given\n"
        process = await connection.start(["cat"])
        process.stdin.write(b"first\n")
        assert await process.stdout.readline() == b"first\n"
        process.stdin.write_eof()
        await process.wait()
        with pytest.raises(InvalidArgument, match="line break"):
            await connection.run(["echo", "a\nb"])
        await pool.close_all()

    run(check)


def test_what_the_configuration_wants_for_people_does_not_hold_for_programs(
    sshd: Sshd, known_hosts: KnownHosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "an agent"))
    (tmp_path / "config").write_text("RequestTTY force\nRemoteCommand false\nForwardAgent yes\nForwardX11 yes\n")

    async def check() -> None:
        sshd.trust(known_hosts)
        pool = SSHConnectionPool(known_hosts, files=[str(tmp_path / "config")])
        connection = await pool.connect(sshd.config(auth="auto"), prompts=NoPrompts())
        done = await connection.run(["sh", "-c", "tty; echo agent=$SSH_AUTH_SOCK; cat"], input=b"a\nb")
        assert done.stdout == b"not a tty\nagent=\na\nb"
        async with connection.sftp() as files:
            assert await files.exists("/")
        await pool.close_all()

    run(check)


def test_a_lost_server_is_noticed_and_come_back_to(
    sshd: Sshd, pool: SSHConnectionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        seen: list[str] = []
        connection.watch(lambda one: seen.append(one.state))
        sshd.stop()
        await reach(connection, ConnectionState.RECONNECTING)
        with pytest.raises(NotConnected):
            await connection.run(["true"])
        sshd.start()
        await connection.wait_up(60)
        assert (await connection.run(["echo", "back"])).stdout == b"back\n"
        assert (seen[0], seen[-1]) == ("reconnecting", "up")
        assert connection.error == ""
        await pool.close_all()
        assert connection.state == "stopped"

    run(check)


def test_a_key_that_is_no_longer_taken_waits_for_somebody_instead_of_knocking_for_ever(
    sshd: Sshd, pool: SSHConnectionPool
) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        authorized = sshd.folder / "authorized"
        kept = authorized.read_bytes()
        authorized.write_bytes(b"")
        sshd.stop()
        sshd.start()
        await reach(connection, ConnectionState.NEEDS_AUTHENTICATION)
        authorized.write_bytes(kept)
        assert await pool.connect(sshd.config(), prompts=NoPrompts()) is connection
        assert connection.state == "up"
        await pool.close_all()

    run(check)


def test_a_program_that_does_not_end_is_left_and_one_that_is_not_there_says_so(
    sshd: Sshd, pool: SSHConnectionPool
) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        with pytest.raises(RemoteCommandFailed, match=r"'sleep' on .* did not end within 0.3 s"):
            await connection.run(["sleep", "60"], timeout_s=0.3)
        done = await connection.run(["no-such-program"])
        assert done.exit_status == 127
        async with connection.sftp() as files:
            assert await files.exists("/")
        reader, writer = await connection.open_stream("127.0.0.1", sshd.port)
        assert (await reader.read(100)).startswith(b"SSH-2.0")
        writer.close()
        with pytest.raises(NotConnected):
            await connection.open_stream("127.0.0.1", 1)
        await pool.close_all()

    run(check)


def test_a_port_where_nothing_listens_is_one_sentence(pool: SSHConnectionPool, sshd: Sshd) -> None:
    sshd.stop()

    async def check() -> None:
        with pytest.raises(HostUnreachable, match=f"127.0.0.1 port {sshd.port} cannot be reached") as caught:
            await pool.connect(sshd.config(), prompts=NoPrompts())
        assert "\n" not in str(caught.value)
        assert pool.connections == []

    run(check)


def test_the_quick_cipher_is_chosen(sshd: Sshd, pool: SSHConnectionPool) -> None:
    async def check() -> None:
        sshd.trust(pool.known_hosts)
        connection = await pool.connect(sshd.config(), prompts=NoPrompts())
        inner: Any = connection._connection
        assert inner.get_extra_info("send_cipher") == reaching.CIPHERS[0]
        await pool.close_all()

    run(check)
