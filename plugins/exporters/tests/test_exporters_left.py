"""What exports that were killed leave behind, and who removes it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import runicorn as rn
from runicorn.hooks import Selection, export_to_file, find_run, open_store

_EXPORT = """
import sys, time
from pathlib import Path
from runicorn.hooks import Selection, export_to_file, export_to_folder, find_run, open_store

def stop(at):
    print("under way", flush=True)
    time.sleep(600)

store = open_store()
export = {"csv": export_to_file, "tensorboard": export_to_folder}[sys.argv[1]]
export(sys.argv[1], Selection(store, [find_run(store, sys.argv[2]).ref]), Path(sys.argv[3]), told=stop)
"""


def _under_way(name: str, run: str, path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", _EXPORT, name, run, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "under way\n"
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked there")
def test_the_next_export_removes_what_killed_ones_have_left_and_nothing_of_living_ones(tmp_path: Path) -> None:
    with rn.init(project="p", capture_env=False, capture_console=False) as run:
        run.log({"loss": 0.5})
    foreign = tmp_path / ".out.csv.0123456789ab.tmp"
    foreign.write_text("somebody else's")
    processes = [
        _under_way("csv", run.id, tmp_path / "out.csv"),
        _under_way("tensorboard", run.id, tmp_path / "tb"),
        _under_way("csv", run.id, tmp_path / "living.csv"),
    ]
    try:
        assert len(list(tmp_path.glob(".*.runicorn.tmp"))) == 3
        for process in processes[:2]:
            process.send_signal(signal.SIGKILL)
            process.wait()
        store = open_store()
        export_to_file("csv", Selection(store, [find_run(store, run.id).ref]), tmp_path / "next.csv")
        left = sorted(path.name for path in tmp_path.iterdir() if not path.is_dir() or path.name.startswith("."))
        assert [name.partition(".csv")[0] for name in left] == [".living", ".out", "next"]
        assert foreign.name in left
    finally:
        for process in processes:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def test_exports_into_one_folder_at_one_time_take_nothing_from_each_other(tmp_path: Path) -> None:
    with rn.init(project="p", capture_env=False, capture_console=False) as run:
        run.log({"loss": 0.5})
    store = open_store()
    selection = Selection(store, [find_run(store, run.id).ref])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: export_to_file("csv", selection, tmp_path / f"{n}.csv"), range(200)))
    assert len({path.read_bytes() for path in tmp_path.glob("*.csv")}) == 1
    assert len(list(tmp_path.glob("*.csv"))) == 200
    assert list(tmp_path.glob(".*.runicorn.tmp")) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
@pytest.mark.parametrize(
    ("command", "begins"), [(["export", "one"], b"run,step,"), (["manifest", "generate"], b'{"manifest_type"')]
)
def test_what_is_written_into_a_pipe_comes_out_of_it_and_a_link_stays(
    tmp_path: Path, command: list[str], begins: bytes
) -> None:
    with rn.init(project="p", run_id="one", capture_env=False, capture_console=False) as run:
        run.log({"loss": 0.5})
    more = ["--format", "csv"] if command[0] == "export" else []

    def write(path: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "runicorn", *command, *more, "-o", str(path)])

    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert write(pipe).wait(120) == 0
        assert os.read(reading, 1 << 16).startswith(begins)  # a pipe holds so much
    finally:
        os.close(reading)
    assert stat.S_ISFIFO(pipe.stat().st_mode)

    (tmp_path / "large").mkdir()
    link, target = tmp_path / "link.csv", tmp_path / "large" / "target.csv"
    link.symlink_to(target)
    target.write_text("older")
    assert write(link).wait(120) == 0
    assert link.is_symlink()
    assert target.read_bytes().startswith(begins)
    assert sorted(path.name for path in tmp_path.rglob("*.tmp")) == []


def test_a_name_as_long_as_names_may_be_is_written(tmp_path: Path) -> None:
    with rn.init(project="p", capture_env=False, capture_console=False) as run:
        run.log({"loss": 0.5})
    path = tmp_path / ("损" * 83 + ".csv")
    assert len(path.name.encode()) == 253
    store = open_store()
    export_to_file("csv", Selection(store, [find_run(store, run.id).ref]), path)
    assert path.read_bytes()
