"""The demo: six real trainings, of which one diverges and one fails."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import PIL.Image
import pytest
from runicorn.contracts import RunReader
from runicorn.hooks import open_store

SCRIPT = Path(__file__).parents[2] / "examples/digits.py"


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RunReader]:
    """The runs of one whole demo, by name."""
    root = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-W", "error", str(SCRIPT)]
    environ = os.environ | {"RUNICORN_DIR": str(root)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    assert done.returncode == 0, done.stdout + done.stderr
    store = open_store(root)
    return {record.ref.name: store.open_run(record.ref) for record in store.list_runs()}


def test_the_demo_leaves_six_runs_worth_looking_at(readers: dict[str, RunReader]) -> None:
    assert {name: reader.record.status for name, reader in readers.items()} == {
        "lr0.003-w16": "finished",
        "lr0.01-w32": "finished",
        "lr0.03-w64": "finished",
        "lr0.1-w128": "finished",
        "lr0.3-w64": "finished",
        "lr0.03-w32": "failed",
    }
    assert {reader.record.ref.project for reader in readers.values()} == {"digits"}

    good = readers["lr0.1-w128"]
    series = {row.key: row for row in good.series()}
    assert set(series) == {"train/loss", "train/accuracy", "lr", "grad/norm", "val/loss", "val/accuracy", "epoch"}
    assert series["train/loss"].n == 630
    assert good.record.best is not None
    assert good.record.best.metric == "val/accuracy"
    assert good.record.best.value > 0.95
    assert good.record.trouble == ()
    assert good.read("params")["learning_rate"] == 0.1
    assert good.record.tags == ("sweep", "wide")
    assert good.logs().size >= 15

    diverged = {row.key: row for row in readers["lr0.3-w64"].series()}
    assert math.isnan(diverged["train/loss"].last)
    assert diverged["train/loss"].n_nan > 100

    failed = readers["lr0.03-w32"].record.exit
    assert failed is not None
    assert failed["type"] == "ValueError"
    assert "could not be broadcast" in str(failed["message"])


def test_the_demo_logs_pictures_that_people_can_read(readers: dict[str, RunReader]) -> None:
    media = readers["lr0.01-w32"].media()
    assert {record.key for record in media} == {"confusion", "worst"}
    assert len([record for record in media if record.key == "confusion"]) == 7
    for record in media:
        with PIL.Image.open(readers["lr0.01-w32"].folder / record.path) as picture:
            assert min(picture.size) >= 200
        assert record.fields["caption"]


def test_the_live_run_ends_with_the_process_that_started_it() -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, {str(SCRIPT)!r}, '--live'])"]
    )
    try:
        wait_for(lambda: any(open_store().open_run(r.ref).series() for r in open_store().list_runs()))
    finally:
        starter.send_signal(signal.SIGKILL)
        starter.wait()
    wait_for(lambda: [record.status for record in open_store().list_runs()] == ["interrupted"])


def wait_for(condition: object, limit_s: float = 120.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
