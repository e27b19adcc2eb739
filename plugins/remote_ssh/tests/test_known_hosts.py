"""Which keys are on file: every line that can be read counts, for exactly the host and port that it names."""

from __future__ import annotations

import asyncio
import shlex
import subprocess
from pathlib import Path

import asyncssh
import pytest
from runicorn.errors import InvalidArgument
from runicorn_remote_ssh.config import SSHConfig
from runicorn_remote_ssh.errors import HostKeyChanged, HostKeyUnknown
from runicorn_remote_ssh.known_hosts import KnownHosts
from runicorn_remote_ssh.pool import SSHConnectionPool
from runicorn_remote_ssh.prompts import NoPrompts

from .conftest import Sshd


def public(kind: str = "ssh-ed25519") -> str:
    return asyncssh.generate_private_key(kind).export_public_key().decode().strip()


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """The user's own file."""
    return tmp_path / "users_known_hosts"


@pytest.mark.parametrize(
    "broken",
    [
        b"a-line-that-was-cut-off\n",
        b"@unheard-of box ssh-ed25519 AAAA\n",
        b"|2|salt|hash ssh-ed25519 AAAA\n",
        b"caf\xe9 ssh-ed25519 AAAA \xff\xfe\n",
        b"box ssh-ed25519 AAAA\n",
    ],
    ids=["cut off", "a marker", "a hash", "no UTF-8", "no key"],
)
def test_a_line_that_cannot_be_read_hides_no_other(known_hosts: KnownHosts, users: Path, broken: bytes) -> None:
    users.write_bytes(broken + f"gpu-box {public()}\n".encode() + broken)
    assert known_hosts.knows("gpu-box", 22)
    shown = asyncssh.import_public_key(public())
    refused = known_hosts.refused("gpu-box", 22, shown)
    assert isinstance(refused, HostKeyChanged)  # and not a key that a click may accept


def test_a_comment_in_any_language_belongs_to_a_line_that_counts(known_hosts: KnownHosts, users: Path) -> None:
    key = public()
    users.write_text(f"gpu-box {key} 小明的机器\n", encoding="utf-8")
    assert known_hosts.knows("gpu-box", 22, asyncssh.import_public_key(key))


def test_another_port_of_a_name_is_another_host(known_hosts: KnownHosts, users: Path) -> None:
    users.write_text(f"localhost {public()}\n")
    shown = asyncssh.import_public_key(public())
    assert isinstance(known_hosts.refused("localhost", 2222, shown), HostKeyUnknown)
    known_hosts.accept("localhost", 2222, shown.get_fingerprint())
    assert known_hosts.knows("localhost", 2222, shown)
    assert not known_hosts.knows("localhost", 22, shown)
    assert isinstance(known_hosts.refused("localhost", 22, shown), HostKeyChanged)


def test_an_authority_speaks_for_every_port_and_what_it_revoked_is_revoked_on_each(
    known_hosts: KnownHosts, users: Path
) -> None:
    authority, bad = public(), public()
    users.write_text(f"@cert-authority *.lab {authority}\n@revoked * {bad}\n")
    for port in (22, 2222):
        _, authorities, revoked, *_ = known_hosts.matcher("gpu.lab", port)("gpu.lab", "10.0.0.7", port)
        assert asyncssh.import_public_key(authority) in authorities
        assert asyncssh.import_public_key(bad) in revoked


def test_a_host_key_alias_is_the_name_on_file(sshd: Sshd, known_hosts: KnownHosts, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        f"Host box\n  HostName 127.0.0.1\n  Port {sshd.port}\n  User {sshd.user}\n  IdentityFile {sshd.key}\n"
        "  HostKeyAlias the-box\n"
    )
    pool = SSHConnectionPool(known_hosts, files=[str(tmp_path / "config")])

    async def check() -> None:
        with pytest.raises(HostKeyUnknown) as caught:
            await pool.connect(SSHConfig("box"), prompts=NoPrompts())
        assert (caught.value.host, caught.value.port) == ("the-box", 22)
        known_hosts.accept("the-box", 22, caught.value.fingerprint)
        connection = await pool.connect(SSHConfig("box"), prompts=NoPrompts())
        assert (await connection.run(["echo", "in"])).stdout == b"in\n"
        await pool.close_all()
        known_hosts.own.write_text(f"the-box {public()}\n")
        with pytest.raises(HostKeyChanged):
            await pool.connect(SSHConfig("box"), prompts=NoPrompts())

    asyncio.run(asyncio.wait_for(check(), 60))


def test_files_of_the_openssh_configuration_are_read_and_a_changed_key_says_how_it_is_removed(
    sshd: Sshd, known_hosts: KnownHosts, users: Path, tmp_path: Path, home: Path
) -> None:
    (home / "lab hosts").write_text(f"[127.0.0.1]:{sshd.port} {public()}\n")
    lines = [f"Host box\n HostName 127.0.0.1\n Port {sshd.port}\n User {sshd.user}\n IdentityFile {sshd.key}"]
    (tmp_path / "config").write_text("\n".join([*lines, ' UserKnownHostsFile "~/lab hosts" /dev/null', ""]))
    sshd.trust(KnownHosts(users))  # is not read for this host
    pool = SSHConnectionPool(known_hosts, files=[str(tmp_path / "config")])

    async def check() -> None:
        with pytest.raises(HostKeyChanged) as caught:
            await pool.connect(SSHConfig("box"), prompts=NoPrompts())
        (step,) = caught.value.steps
        assert step == f"ssh-keygen -R '[127.0.0.1]:{sshd.port}' -f '{home}/lab hosts'"
        subprocess.run(shlex.split(step), check=True, capture_output=True)
        with pytest.raises(HostKeyUnknown) as unknown:
            await pool.connect(SSHConfig("box"), prompts=NoPrompts())
        known_hosts.accept("127.0.0.1", sshd.port, unknown.value.fingerprint)
        await pool.connect(SSHConfig("box"), prompts=NoPrompts())
        await pool.close_all()

    asyncio.run(asyncio.wait_for(check(), 60))


def test_a_strict_configuration_lets_no_new_key_be_accepted_and_a_lax_one_still_asks(
    sshd: Sshd, known_hosts: KnownHosts, tmp_path: Path
) -> None:
    def config(checking: str) -> list[str]:
        path = tmp_path / checking
        path.write_text(
            f"Host box\n HostName 127.0.0.1\n Port {sshd.port}\n User {sshd.user}\n IdentityFile {sshd.key}\n"
            f" StrictHostKeyChecking {checking}\n HashKnownHosts yes\n"
        )
        return [str(path)]

    async def check() -> None:
        with pytest.raises(HostKeyUnknown, match="accepts no new key") as strict:
            await SSHConnectionPool(known_hosts, files=config("yes")).connect(SSHConfig("box"), prompts=NoPrompts())
        with pytest.raises(InvalidArgument):
            known_hosts.accept("127.0.0.1", sshd.port, strict.value.fingerprint)
        for lax in ("no", "off", "accept-new"):
            pool = SSHConnectionPool(known_hosts, files=config(lax))
            with pytest.raises(HostKeyUnknown, match="compare it"):
                await pool.connect(SSHConfig("box"), prompts=NoPrompts())
        known_hosts.accept("127.0.0.1", sshd.port, strict.value.fingerprint)
        await pool.connect(SSHConfig("box"), prompts=NoPrompts())
        await pool.close_all()

    asyncio.run(asyncio.wait_for(check(), 60))
    assert known_hosts.own.read_text().startswith("|1|")
    assert known_hosts.remove("127.0.0.1", sshd.port + 1) == 0
    assert known_hosts.remove("127.0.0.1", sshd.port) == 1
    assert not known_hosts.knows("127.0.0.1", sshd.port)
