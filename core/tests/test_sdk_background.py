"""What happens beside the training: observers, media, the environment, the bound on finish."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import runicorn as rn
from runicorn.contracts import MediaSink, MediaType, RunView
from runicorn.hookspecs import hookimpl
from runicorn.loader import Manager
from runicorn.model.metric import Sample
from runicorn.sdk import media
from runicorn.sdk.recorder import QUEUE

Records = Callable[[rn.Run], list[tuple[int, dict[str, Any]]]]


class Watcher:
    """Keeps what it sees."""

    def __init__(self, pause_s: float = 0.0) -> None:
        self.seen: list[Any] = []
        self.threads: set[str] = set()
        self.pause_s = pause_s

    @hookimpl
    def run_started(self, run: RunView) -> None:
        self.seen.append(f"started {run.project}")

    @hookimpl
    def values_logged(self, run: RunView, batch: Sequence[Sample]) -> None:
        self.threads.add(threading.current_thread().name)
        time.sleep(self.pause_s)
        self.seen += batch

    @hookimpl
    def run_finished(self, run: RunView, status: str) -> None:
        self.seen.append(status)

    @property
    def samples(self) -> list[Sample]:
        return [entry for entry in self.seen if isinstance(entry, Sample)]


def test_observers_see_every_number_in_order_and_the_ends(root: Path, plugins: Manager) -> None:
    watcher = Watcher()
    plugins.add("watcher", watcher)
    with rn.init("p") as run:
        run.log({"a": 1.0, "b": 2}, stage="train")
        run.log({"a": float("nan"), "text": "x", "nested": {"c": np.float32(3)}}, step=7)
    assert watcher.seen[0] == "started p"
    assert watcher.seen[-1] == "finished"
    assert [(sample.key, sample.step, sample.stage) for sample in watcher.samples] == [
        ("a", 1, "train"),
        ("b", 1, "train"),
        ("a", 7, None),
        ("nested/c", 7, None),
    ]
    assert "MainThread" not in watcher.threads


def test_a_slow_observer_loses_the_oldest_and_the_run_counts_them(
    root: Path, plugins: Manager, records: Records
) -> None:
    watcher = Watcher(pause_s=0.2)
    plugins.add("watcher", watcher)
    calls = QUEUE + 5000
    with rn.init("p") as run:
        for number in range(calls):
            run.log({"a": number})
    assert len(records(run)) == calls
    assert watcher.samples[-1].value == calls - 1
    (heartbeat,) = (run.dir / "writers").glob("*.json")
    dropped = calls - len(watcher.samples)
    assert dropped > 0
    assert f'"observers_dropped": {dropped}' in heartbeat.read_text()


def test_an_observer_that_fails_is_named_in_the_status_and_training_goes_on(
    root: Path, plugins: Manager, records: Records, only_run: Any
) -> None:
    class Failing:
        @hookimpl
        def values_logged(self, run: RunView, batch: Sequence[Sample]) -> None:
            raise RuntimeError("no idea")

    plugins.add("failing", Failing())
    with rn.init("p") as run:
        run.log(a=1)
    assert len(records(run)) == 1
    assert only_run().trouble[0]["plugin"] == "failing"
    assert "no idea" in only_run().trouble[0]["what"]


def test_an_observer_may_finish_the_run(root: Path, plugins: Manager, only_run: Any) -> None:
    class Impatient:
        @hookimpl
        def values_logged(self, batch: Sequence[Sample]) -> None:
            rn.finish("failed")

    plugins.add("impatient", Impatient())
    run = rn.init("p")
    run.log(a=1)
    until = time.monotonic() + 10
    while only_run().status == "running":
        assert time.monotonic() < until
        time.sleep(0.01)
    assert only_run().status == "failed"


# --- Media


def test_an_image_takes_the_step_of_its_call_and_is_encoded_beside(root: Path, read_back: Any) -> None:
    pixels = np.zeros((4, 4), dtype="uint8")
    with rn.init("p") as run:
        run.log({"picture": rn.Image(pixels, caption="first"), "loss": 1.0})
        pixels[:] = 255
        run.log({"picture": [rn.Image(pixels), rn.Image(pixels[:2])]})
        run.log_image("picture", pixels)
        run.log(loss=2.0)
        rn.log_image("picture", pixels, step=9, caption="named")
    found = read_back().media("picture")
    assert [record.step for record in found] == [1, 2, 2, 2, 9]
    assert [record.fields.get("caption") for record in found] == ["first", None, None, None, "named"]
    assert (run.dir / found[0].path).is_file()
    assert found[0].path != found[1].path == found[3].path
    assert [record.step for record in read_back().records()] == [1, 3]


class Slow:
    """A value whose encoding takes time."""


class SlowType:
    name = "slow"
    python_types = (f"{__name__}.Slow",)
    panel = "none"

    def __init__(self, act: Callable[[], object]) -> None:
        self.act = act

    def snapshot(self, value: object) -> object:
        return value

    def encode(self, snapshot: object, sink: MediaSink) -> dict[str, Any]:
        self.act()
        return {"path": sink.put(b"slow", ".bin")}


class SlowPlugin:
    def __init__(self, act: Callable[[], object]) -> None:
        self.act = act

    @hookimpl
    def register_media_types(self) -> Iterator[MediaType]:
        yield SlowType(self.act)


@pytest.fixture(autouse=True)
def _qualified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SlowType, "python_types", (f"{Slow.__module__}.{Slow.__qualname__}",))


def test_a_full_queue_makes_log_wait_and_says_so(
    root: Path, plugins: Manager, monkeypatch: pytest.MonkeyPatch, read_back: Any, only_run: Any
) -> None:
    monkeypatch.setattr(media, "WAITING", 3)
    plugins.add("slow", SlowPlugin(lambda: time.sleep(0.02)))
    with rn.init("p") as run:
        for _ in range(10):
            run.log({"value": Slow()})
    assert len(read_back().media("value")) == 10
    assert "slower than logging" in only_run().trouble[0]["what"]


def test_a_media_type_that_raises_is_counted(root: Path, plugins: Manager, records: Records, only_run: Any) -> None:
    plugins.add("slow", SlowPlugin(lambda: 1 / 0))
    with rn.init("p") as run:
        run.log({"value": Slow(), "loss": 1.0})
        run.log({"value": Slow()})
    assert records(run) == [(1, {"loss": 1.0})]
    (trouble,) = only_run().trouble
    assert (trouble["plugin"], trouble["count"]) == ("slow", 2)


def test_finish_waits_for_what_is_queued_within_its_bound_and_says_what_is_missing(
    root: Path, plugins: Manager, monkeypatch: pytest.MonkeyPatch, only_run: Any
) -> None:
    release = threading.Event()
    plugins.add("slow", SlowPlugin(lambda: release.wait(30)))
    monkeypatch.setenv("RUNICORN_RUN__FINISH_TIMEOUT", "0.3")
    run = rn.init("p")
    run.log({"value": Slow()})
    run.log({"value": Slow()})
    began = time.monotonic()
    run.finish()
    assert time.monotonic() - began < 5
    release.set()
    assert only_run().status == "finished"
    assert "2 media values could not be encoded" in only_run().trouble[0]["what"]


# --- The environment


def test_the_environment_is_collected_beside_and_waited_for(root: Path, plugins: Manager, read_back: Any) -> None:
    begun = threading.Event()

    class Collector:
        @hookimpl
        def collect_environment(self, run: RunView) -> dict[str, Any]:
            assert begun.wait(4)  # init() has not waited for this
            return {"run": run.id}

    plugins.add("collector", Collector())
    run = rn.init("p", capture_env=True)
    begun.set()
    run.finish()
    assert read_back().read("environment")["collector"] == {"run": run.id}


def test_params_that_are_set_in_a_loop_make_few_writes(root: Path, read_back: Any) -> None:
    with rn.init("p") as run:
        for number in range(2000):
            run.params[f"key{number % 10}"] = number
    assert len(read_back().read("params")) == 10
