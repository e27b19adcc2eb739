"""What plugins see of a run while it happens: in which order, on which thread, and what their failures cost."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from types import FrameType

import pytest
import runicorn as rn
from runicorn.contracts import RunView
from runicorn.hooks import open_store
from runicorn.hookspecs import hookimpl
from runicorn.loader import Manager
from runicorn.model.sample import Sample


class Observer:
    """Writes down every call, and on which thread it came."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.threads: set[int] = set()

    def note(self, *call: object) -> None:
        self.calls.append(call)
        self.threads.add(threading.get_ident())

    @hookimpl
    def run_started(self, run: RunView) -> None:
        self.note("run_started", run.project, run.name)

    @hookimpl
    def values_logged(self, run: RunView, batch: Sequence[Sample]) -> None:
        for sample in batch:
            self.note("value", sample.key, sample.value, sample.step, sample.stage)

    @hookimpl
    def run_finished(self, run: RunView, status: str) -> None:
        self.note("run_finished", status)


@pytest.fixture
def observer(plugins: Manager) -> Observer:
    watching = Observer()
    plugins.add("observer", watching)
    return watching


def test_an_observer_sees_a_run_in_order_from_its_start_to_its_end(observer: Observer) -> None:
    with rn.init(project="p", name="n") as run:
        run.log({"loss": 0.5})
        run.log({"loss": 0.25, "acc": True}, step=7, stage="val")
        run.log({"word": "kept, but no number"})
    assert observer.calls == [
        ("run_started", "p", "n"),
        ("value", "loss", 0.5, 1, None),
        ("value", "loss", 0.25, 7, "val"),
        ("value", "acc", 1.0, 7, "val"),
        ("run_finished", "finished"),
    ]
    assert threading.get_ident() not in observer.threads


def test_hook_run_started_comes_before_any_value(observer: Observer) -> None:
    run = rn.init(project="p")
    run.finish()
    assert observer.calls == [("run_started", "p", "default"), ("run_finished", "finished")]


def test_hook_run_finished_tells_how_the_run_ended(observer: Observer) -> None:
    with pytest.raises(ZeroDivisionError), rn.init(project="p"):
        _ = 1 / 0
    with pytest.raises(KeyboardInterrupt), rn.init(project="p"):
        raise KeyboardInterrupt
    assert [call for call in observer.calls if call[0] == "run_finished"] == [
        ("run_finished", "failed"),
        ("run_finished", "interrupted"),
    ]


def test_hook_values_logged_misses_nothing_of_a_burst_that_fits_the_queue(observer: Observer) -> None:
    with rn.init(project="p") as run:
        for step in range(1, 2001):
            run.log({"loss": 1 / step}, step=step)
    assert [call[3] for call in observer.calls if call[0] == "value"] == list(range(1, 2001))


def test_log_calls_no_hook_and_asks_no_plugin(observer: Observer) -> None:
    called = []

    def watch(frame: FrameType, event: str, argument: object) -> None:
        file = frame.f_code.co_filename
        if event == "call" and any(part in file for part in ("/runicorn/hooks/", "/runicorn/loader/", "/pluggy/")):
            called.append(f"{file}:{frame.f_code.co_name}")

    with rn.init(project="p") as run:
        run.log({"loss": 0.5})
        sys.setprofile(watch)  # of this thread alone
        try:
            for step in range(100):
                run.log({"loss": 0.5, "acc": 1}, step=step, stage="train")
        finally:
            sys.setprofile(None)
    assert called == []
    assert sum(call[0] == "value" for call in observer.calls) == 201


def test_an_observer_that_fails_three_times_is_switched_off_and_the_run_says_so(plugins: Manager) -> None:
    tries = []
    done = threading.Event()

    class Broken:
        @hookimpl
        def values_logged(self, batch: Sequence[Sample]) -> None:
            tries.append(len(batch))
            done.set()
            raise RuntimeError("disk of the observer is full")

    plugins.add("broken", Broken())
    with rn.init(project="p") as run:
        for step in range(1, 4):
            run.log({"loss": 1.0}, step=step)
            assert done.wait(60)  # one batch each, until it is switched off
            done.clear()
        for step in range(4, 6):
            run.log({"loss": 1.0}, step=step)
    (record,) = open_store().find_runs(run.id)
    told = " ".join(str(entry) for entry in record.trouble if entry["plugin"] == "broken")
    assert "disk of the observer is full" in told
    assert "switched off after 3 failures" in told
    assert len(tries) == 3
    assert record.status == "finished"


def test_what_observers_raise_at_start_and_end_does_not_reach_training(plugins: Manager) -> None:
    class Broken:
        @hookimpl
        def run_started(self) -> None:
            raise RuntimeError("at the start")

        @hookimpl
        def run_finished(self) -> None:
            raise RuntimeError("at the end")

    plugins.add("broken", Broken())
    with rn.init(project="p") as run:
        run.log({"loss": 1.0})
    (record,) = open_store().find_runs(run.id)
    told = " ".join(str(entry) for entry in record.trouble)
    assert "at the start" in told
    assert "at the end" in told
