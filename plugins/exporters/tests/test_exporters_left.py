"""What exports that were killed leave behind, and who removes it."""

from __future__ import annotations

import signal
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
