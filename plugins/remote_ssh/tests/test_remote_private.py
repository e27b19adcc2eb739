"""Environments that installations left on the other machine: listed, and removed when somebody says so."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from runicorn_remote_ssh.known_hosts import KnownHosts
from runicorn_remote_ssh.viewer.private import PrivateEnvironment, outdated, private_environments

from .conftest import Sshd
from .test_remote_environments import ThisMachine


def environment(data: Path, name: str, age_s: float | None) -> Path:
    """One that was finished so long ago; None = that is not finished."""
    folder = data / "runicorn" / "remote" / name
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "large").write_bytes(bytes(3000))
    if age_s is not None:
        (folder / "complete.json").write_text(json.dumps({"made": time.time() - age_s, "packages": []}))
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The default place, below a home whose name is no simple word."""
    return tmp_path / "Home 目录 'x'" / ".local" / "share"


@pytest.fixture
def used(data: Path) -> Iterator[Path]:
    """An old one from which something runs."""
    folder = environment(data, "0.0.9-bbbb", 3000)
    with subprocess.Popen([str(folder / "bin" / "python"), "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield folder
        process.communicate()


def test_what_is_old_goes_and_what_is_in_use_new_or_on_its_way_stays(data: Path, used: Path, tmp_path: Path) -> None:
    old, new = environment(data, "0.0.8-aaaa", 5000), environment(data, "0.1.0-cccc", 10)
    coming = environment(data, "0.1.0-dddd", None)
    (tmp_path / "other").mkdir()
    (data / "runicorn" / "remote" / "elsewhere").symlink_to(tmp_path / "other")
    line = ThisMachine(tmp_path / "Home 目录 'x'")

    def ask(*remove: str) -> tuple[list[PrivateEnvironment], tuple[str, ...]]:
        return asyncio.run(private_environments(line, remove))  # type: ignore[arg-type]  # no more of it is needed

    found, removed = ask()
    assert removed == ()
    assert [one.name for one in found if one.in_use] == [used.name]
    assert all(3000 <= one.bytes < 9000 for one in found)
    assert [one.name for one in outdated(found)] == [old.name]
    hostile = ["../../..", "elsewhere", "$(touch x)", ".", ""]
    found, removed = ask(old.name, used.name, *hostile)
    assert removed == (old.name,)
    assert {one.name for one in found} == {used.name, new.name, coming.name}
    assert not old.exists()
    assert (tmp_path / "other").is_dir()


def test_the_command_lists_them_and_removes_what_it_is_told(
    sshd: Sshd, home: Path, tmp_path: Path, runicorn_home: Path
) -> None:
    data = tmp_path / "their data"
    environment(data, "0.0.8-aaaa", 5000)
    environment(data, "0.1.0-cccc", 10)
    sshd.stop()
    sshd.extra.append(f'SetEnv "XDG_DATA_HOME={data}"')
    sshd.start()
    (home / ".ssh").mkdir()
    lines = f"Host box\n HostName 127.0.0.1\n Port {sshd.port}\n User {sshd.user}\n IdentityFile {sshd.key}\n"
    (home / ".ssh" / "config").write_text(lines)
    sshd.trust(KnownHosts(home / ".ssh" / "known_hosts"))

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "runicorn", "remote", "environments", "box", *more]
        return subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, timeout=200, check=False)

    assert [line.split("\t")[0] for line in run().stdout.splitlines()] == ["0.1.0-cccc", "0.0.8-aaaa"]
    refused = run("--remove", "old")
    assert refused.returncode == 2
    assert refused.stderr == "error: remove='0.0.8-aaaa' needs --yes where nobody can be asked\n"
    assert "is none of those that are there" in run("--remove", "0.7", "--yes").stderr
    said = json.loads(run("--remove", "old", "--yes", "--json").stdout)
    assert said["removed"] == ["0.0.8-aaaa"]
    assert [one["name"] for one in said["environments"]] == ["0.1.0-cccc"]
