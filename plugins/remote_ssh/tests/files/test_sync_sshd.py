"""``runicorn sync`` through a real SSH server: both ways, killed, and onto a disk that is full."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .test_mirror import files_below, make_run, older


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A root with runs, of which the content is worth more than one packet, and an artifact."""
    root = tmp_path / "here"
    for number in range(12):
        folder = make_run(root, f"run-{number:02}", steps=20)
        (folder / "media").mkdir()
        (folder / "media/large.bin").write_bytes(os.urandom(300_000))
    artifact = root / "artifacts/events/model/net"
    artifact.mkdir(parents=True)
    (artifact / "1796000000000000-0123456789abcdef.json").write_text("{}")
    older(root)
    return root


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def whole(root: Path) -> dict[str, bytes]:
    """Without what killed writers have left."""
    return {path: data for path, data in files_below(root).items() if "/.~" not in f"/{path}"}


def test_it_goes_there_is_killed_goes_on_and_comes_back(environ: dict[str, str], here: Path, tmp_path: Path) -> None:
    there, address = tmp_path / "there 远", "ssh://Box" + str(tmp_path) + "/there%20%E8%BF%9C"
    content = files_below(here)

    def copied() -> int:
        return sum(len(files) for _, _, files in os.walk(there))  # which bears that folders are renamed meanwhile

    def sync(*places: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "runicorn", "sync", *places, "--json"]
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=200, check=False)

    command = [sys.executable, "-m", "runicorn", "sync", str(here), address]
    for _ in range(10):  # until it was killed midway: a busy machine may let it finish first
        with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and copied() < 30:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
        partly = whole(there)
        if len(partly) < len(content):
            break
        shutil.rmtree(there)
    assert 0 < len(partly) < len(content), "it was killed midway"
    for path, data in partly.items():
        assert content[path.replace(".incoming-", "")] == data, path
    done = sync(str(here), address)
    assert done.returncode == 0, done.stderr
    assert whole(there) == content
    answer = json.loads(done.stdout)
    assert 0 < answer["unchanged"] < len(content)
    assert answer["copied"] + answer["unchanged"] == len(content)
    with (there / "p/default/runs/run-03/events.jsonl").open("ab") as file:
        file.write(b'{"ts":1,"type":"metrics","step":99,"data":{"loss":0.5}}\n')
    (there / "p/default/runs/run-04/user.json").write_text('{"note": "written there"}')
    back = json.loads(sync(address, str(here)).stdout)
    assert (back["extended"], back["copied"], back["conflicts"]) == (1, 1, [])
    assert files_below(here) == whole(there)
    other = tmp_path / "other"
    assert sync(address, str(other)).returncode == 0
    assert files_below(other) == files_below(here)


def test_a_disk_that_is_full_there_is_said_and_only_whole_files_are_there(
    environ: dict[str, str], here: Path, small: Path
) -> None:
    command = [sys.executable, "-m", "runicorn", "sync", str(here), f"ssh://Box{small}"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert f"ssh://Box{small}" in done.stderr
    content, there = files_below(here), whole(small)
    assert there
    for path, data in there.items():
        assert content[path.replace(".incoming-", "")] == data, path
    assert not [run for run in (small / "p/default/runs").glob("run-*") if len(whole(run)) < 4], "no run is half there"
