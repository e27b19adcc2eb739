"""The best value of the primary metric: only finite values, and only the four keys that are ours."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.hooks import find_run, open_store


@pytest.mark.parametrize("huge", [10**400, -(10**400), 10**5000], ids=["max", "min", "unprintable"])
def test_an_integer_beyond_a_float_is_kept_and_never_the_best(root: Path, only_run: Any, huge: int) -> None:
    with rn.init("p") as run:
        run.set_primary_metric("a", "max" if huge > 0 else "min")
        run.log(a=huge)
        run.log(a=1.0)
        run.summary({"written": True})
    found = only_run()
    assert found.best is not None
    assert (found.best.value, found.best.step) == (1.0, 2)
    assert (found.status, found.summary["written"]) == ("finished", True)


@pytest.mark.parametrize(("mode", "infinite"), [("max", math.inf), ("min", -math.inf), ("max", -math.inf)])
def test_an_infinity_never_becomes_the_best(root: Path, only_run: Any, mode: str, infinite: float) -> None:
    with rn.init("p") as run:
        run.set_primary_metric("a", mode)
        run.log(a=infinite)
        run.log(a=2.0)
        run.log(a=infinite)
    best = only_run().best
    assert (best.value, best.step) == (2.0, 2)


@pytest.mark.parametrize("mine", [0.9, {"epoch": 3}, {"metric": "a", "value": 1}, "text"])
def test_best_in_the_summary_is_the_users_while_there_is_no_primary_metric(
    root: Path, only_run: Any, caplog: pytest.LogCaptureFixture, mine: Any
) -> None:
    with rn.init("p", run_id="r") as run:
        run.summary({"best": mine})
    assert (only_run().summary, only_run().best) == ({"best": mine}, None)
    with rn.init("p", run_id="r", resume="must") as run:
        assert run.summary == {"best": mine}
        run.summary(more=1)
    assert (only_run().summary, caplog.messages) == ({"best": mine, "more": 1}, [])


def test_best_in_the_summary_makes_room_for_the_best_value(
    root: Path, only_run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with rn.init("p", run_id="r") as run:
        run.summary({"best": 0.5})
        run.set_primary_metric("a")
        run.log(a=1.0)
        run.summary({"best": 0.75})
    assert (only_run().summary, only_run().best.value) == ({"best_": 0.75}, 1.0)
    assert len(caplog.messages) == 1
    with rn.init("p", run_id="r", resume="must") as run:
        run.summary(more=1)
    assert (only_run().summary, only_run().best.value) == ({"best_": 0.75, "more": 1}, 1.0)


@pytest.mark.parametrize(("today", "best"), [(0.2, (0.1, 2)), (0.1, (0.1, 2)), (0.05, (0.05, 5))])
def test_what_a_killed_process_had_logged_is_looked_through_once_and_not_on_the_trainings_thread(
    root: Path, only_run: Any, monkeypatch: pytest.MonkeyPatch, today: float, best: tuple[float, int]
) -> None:
    program = (
        "import os, signal, runicorn as rn\nrun = rn.init('p', run_id='r', capture_env=False)\n"
        "for loss in (0.5, 0.1, float('nan'), 0.3): run.log(loss=loss)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == -signal.SIGKILL
    store = open_store()
    reader = type(store.open_run(find_run(store, "r").ref))
    records, looks, logged = reader.records, list[str](), threading.Event()

    def slow(self: Any) -> Iterator[Any]:
        looks.append(threading.current_thread().name)
        if threading.current_thread() is not threading.main_thread():
            assert logged.wait(60)
        return records(self)

    monkeypatch.setattr(reader, "records", slow)
    with rn.init("p", run_id="r", resume="must", capture_env=False) as run:
        run.set_primary_metric("loss", "min")
        run.log(loss=today)
        run.set_primary_metric("loss", "min")
        logged.set()
    assert (only_run().best.value, only_run().best.step) == best
    assert looks == ["runicorn-best"]
