"""Runicorn in an environment of its own on the other machine: without an index over there, on a full disk, given up."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import sysconfig
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from runicorn.errors import Problem
from runicorn_remote_ssh.errors import NotConnected
from runicorn_remote_ssh.known_hosts import KnownHosts
from runicorn_remote_ssh.pool import SSHConnectionPool
from runicorn_remote_ssh.prompts import NoPrompts
from runicorn_remote_ssh.viewer.environments import Surroundings, look_around
from runicorn_remote_ssh.viewer.install import NEEDED_BYTES, Payload, install_there
from runicorn_remote_ssh.viewer.line import SSHLine
from runicorn_remote_ssh.viewer.steps import Progress

from .conftest import Sshd

#: Core alone: what installing does is the same, and takes a tenth of the time.
CORE = Payload(("runicorn-core",), "runicorn.cli")

Use = Callable[[SSHLine, Surroundings], Awaitable[None]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data 数据"


@pytest.fixture
def over_there(sshd: Sshd, known_hosts: KnownHosts, data: Path) -> Callable[[Use], None]:
    """A machine that reaches no package index, whose programs keep their data where the test says."""
    sshd.trust(known_hosts)
    sshd.stop()
    sshd.extra.append(f'SetEnv "XDG_DATA_HOME={data}" PIP_INDEX_URL=http://127.0.0.1:9/none PIP_CONFIG_FILE=/dev/null')
    sshd.start()

    def run(use: Use) -> None:
        async def main() -> None:
            pool = SSHConnectionPool(known_hosts, files=[])
            try:
                line = SSHLine(await pool.connect(sshd.config(), prompts=NoPrompts()))
                found = await look_around(line)
                alike: dict[str, Any] = {
                    "python": sys.executable,
                    "version": sys.version.split()[0],
                    "can_host": True,
                    "kind": "system",
                    "implementation": sys.implementation.name,
                    "platform": sysconfig.get_platform(),
                }
                own = evolve(found.environments[0], **alike)
                await use(line, evolve(found, environments=(own,)))
            finally:
                await pool.close_all()

        asyncio.run(asyncio.wait_for(main(), 250))

    return run


@pytest.fixture
def small_disk(data: Path) -> Iterator[Path]:
    data.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(data)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root; run the tests as root in a container")
    yield data
    subprocess.run(["umount", "-l", str(data)], check=True)


def test_without_an_index_over_there_everything_comes_from_here(over_there: Callable[[Use], None], data: Path) -> None:
    async def use(line: SSHLine, around: Surroundings) -> None:
        progress = Progress()
        python = await install_there(line, around, progress, CORE)
        assert Path(python).is_relative_to(data / "runicorn" / "remote")
        said = [entry.text for entry in progress.log]
        assert any("reaches none" in text for text in said), said
        done = await line.run([python, "-m", "runicorn", "--version"], timeout_s=60)
        assert done.exit_status == 0, done.stderr
        found = await look_around(line)
        made = [Path(one.python).parent for one in found.environments if one.kind == "private"]
        assert made == [Path(python).parent]
        assert not list(Path(python).parents[1].glob("wheels"))

    over_there(use)


def test_a_full_disk_over_there_is_said_before_and_meanwhile_and_nothing_is_left(
    over_there: Callable[[Use], None], small_disk: Path
) -> None:
    async def use(line: SSHLine, around: Surroundings) -> None:
        assert around.free is not None
        assert around.free < NEEDED_BYTES
        with pytest.raises(Problem, match=r"the disk of 127\.0\.0\.1 is full: .* MiB are free") as before:
            await install_there(line, around, Progress(), CORE)
        assert (before.value.status, before.value.code) == (507, "remote-disk-full")
        unknown = evolve(around, free=None)
        with pytest.raises(Problem, match=r"the disk of 127\.0\.0\.1 is full") as meanwhile:
            await install_there(
                line, unknown, Progress(), Payload(("runicorn-core", "runicorn-viewer-http"), "runicorn")
            )
        assert meanwhile.value.status == 507
        assert list((small_disk / "runicorn" / "remote").iterdir()) == []

    over_there(use)


def test_an_installation_that_is_given_up_leaves_nothing(over_there: Callable[[Use], None], data: Path) -> None:
    async def use(line: SSHLine, around: Surroundings) -> None:
        progress = Progress()
        working = asyncio.ensure_future(install_there(line, around, progress, CORE))
        while not any("installing" in entry.text for entry in progress.log):
            await asyncio.sleep(0.02)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        await nothing_is_left(data)

    over_there(use)


def test_a_client_that_is_gone_leaves_no_installation_running(
    over_there: Callable[[Use], None], data: Path, sshd: Sshd
) -> None:
    async def use(line: SSHLine, around: Surroundings) -> None:
        progress = Progress()
        working = asyncio.ensure_future(install_there(line, around, progress, CORE))
        while not list(data.glob("runicorn/remote/*/bin/python")):
            await asyncio.sleep(0.02)
        sshd.stop()  # and what serves this connection: as the other machine sees it, its client is no more
        await nothing_is_left(data)
        with pytest.raises(NotConnected):
            await working

    over_there(use)


async def nothing_is_left(data: Path) -> None:
    """Neither a process that works there nor what one has made."""
    made = data / "runicorn" / "remote"
    async with asyncio.timeout(60):
        while subprocess.run(["pgrep", "-f", str(data)], capture_output=True).returncode == 0 or os.listdir(made):
            await asyncio.sleep(0.1)


def test_where_no_python_can_be_used_nothing_is_begun(over_there: Callable[[Use], None], data: Path) -> None:
    async def use(line: SSHLine, around: Surroundings) -> None:
        old = tuple(evolve(one, can_host=False) for one in around.environments)
        with pytest.raises(Problem, match=r"no Python 3\.11 or newer"):
            await install_there(line, evolve(around, environments=old), Progress(), CORE)
        assert not data.exists()

    over_there(use)
