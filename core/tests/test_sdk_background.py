"""What happens beside the training: observers, media, the environment, the bound on finish."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import runicorn as rn
from runicorn.contracts import Batch, MediaSink, MediaType, RunView
from runicorn.hookspecs import hookimpl
from runicorn.loader import Manager
from runicorn.model.sample import Sample
from runicorn.sdk import media
from runicorn.sdk.echo import BEHIND
from runicorn.serialize import dumps

Records = Callable[[rn.Run], list[tuple[int, dict[str, Any]]]]


def wait_until(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


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


class Blocked:
    """Stands still in its first batch until it is released, or in ``run_started``."""

    def __init__(self, hook: str = "values_logged") -> None:
        self.hook = hook
        self.seen: list[float] = []
        self.entered, self.release = threading.Event(), threading.Event()

    def stand(self, hook: str) -> None:
        if hook == self.hook:
            self.entered.set()
            assert self.release.wait(250)

    @hookimpl
    def run_started(self) -> None:
        self.stand("run_started")

    @hookimpl
    def values_logged(self, batch: Sequence[Sample]) -> None:
        self.stand("values_logged")
        self.seen += [sample.value for sample in batch]


LONG = "x" * 60_000  # one batch a record


def told_as_dropped(run: rn.Run) -> int:
    (heartbeat,) = (run.dir / "writers").glob("*.json")
    return int(json.loads(heartbeat.read_text())["observers_dropped"])


def test_a_slow_observer_loses_the_oldest_the_run_counts_them_and_a_quick_one_sees_all(
    root: Path, plugins: Manager, records: Records
) -> None:
    slow, quick = Blocked(), Watcher()
    plugins.add("slow", slow)
    plugins.add("watcher", quick)
    with rn.init("p") as run:
        for number in range(200):
            run.log({"a": number, "text": LONG})
        wait_until(lambda: len(quick.samples) == 200)
        slow.release.set()
    assert len(records(run)) == 200
    assert len(slow.seen) < 200
    assert slow.seen[1:] == list(range(200))[200 - len(slow.seen) + 1 :]
    assert told_as_dropped(run) == 200 - len(slow.seen)


def test_where_all_observers_are_slow_what_waits_is_bounded(root: Path, plugins: Manager, records: Records) -> None:
    slow = Blocked()
    plugins.add("slow", slow)
    calls = (BEHIND + (8 << 20)) // len(LONG)
    with rn.init("p") as run:
        run.log({"a": 0})
        assert slow.entered.wait(60)
        for number in range(1, calls):
            run.log({"a": number, "text": LONG})
        slow.release.set()
    assert len(records(run)) == calls
    assert 0 < len(slow.seen) < calls
    assert slow.seen[-1] == calls - 1
    assert told_as_dropped(run) == calls - len(slow.seen)


@pytest.mark.parametrize("hook", ["run_started", "values_logged"])
def test_an_observer_that_hangs_is_named_and_neither_others_nor_the_end_wait_for_it(
    root: Path, plugins: Manager, only_run: Any, monkeypatch: pytest.MonkeyPatch, hook: str
) -> None:
    monkeypatch.setenv("RUNICORN_PLUGINS__HOOK_TIMEOUT", "1")
    monkeypatch.setenv("RUNICORN_RUN__FINISH_TIMEOUT", "600")
    hanging, other = Blocked(hook), Watcher()
    plugins.add("a-hanging", hanging)
    plugins.add("watcher", other)
    run = rn.init("p")
    run.log(a=1)
    wait_until(lambda: other.samples)
    run.finish()
    assert other.seen[-1] == "finished"
    assert only_run().status == "finished"
    assert hanging.seen == []
    trouble = [(entry["plugin"], entry["what"]) for entry in only_run().trouble]
    assert ("a-hanging", f"{hook} hangs: TimeoutError: has not returned for 1 s") in trouble
    hanging.release.set()


def test_observers_see_what_is_logged_during_an_outage(root: Path, plugins: Manager) -> None:
    watcher = Watcher()
    plugins.add("watcher", watcher)
    with rn.init("p") as run:
        run.log(a=1)
        wait_until(lambda: watcher.samples)
        run._writing.interrupt(OSError("no space"))
        run.log(a=2)
        run.alert("look")
        wait_until(lambda: len(watcher.samples) == 2)
    assert [sample.value for sample in watcher.samples] == [1.0, 2.0]


def test_a_batch_is_parsed_when_it_is_looked_at() -> None:
    lines = (
        b'{"ts":1.5,"type":"metrics","step":1,"stage":"train","data":{"a":1,"b":"NaN","t":"text","c":true}}\n'
        b'{"ts":2.0,"type":"media","step":1,"data":{"key":"x"}}\n'
        b'{"ts":2.5,"type":"metrics","step":2,"data":{"a":-0.5,"b":"-Infinity"}}\n'
    )
    batch = Batch(lines)
    assert not batch.finite
    assert batch.calls == 3
    assert [(s.key, s.value, s.step, s.ts, s.stage) for s in batch.select(lambda key: key != "b")] == [
        ("a", 1.0, 1, 1.5, "train"),
        ("c", 1.0, 1, 1.5, "train"),
        ("a", -0.5, 2, 2.5, None),
    ]
    assert len(batch) == 5
    assert batch[-1].value == -math.inf
    assert math.isnan(batch[1].value)
    assert Batch.of(batch)[:1] == batch[:1]
    assert Batch(lines.splitlines(keepends=True)[1]).finite
    assert list(Batch(b"")) == []
    assert Batch(lines)
    assert Batch(lines).last() == batch[-1]
    assert not Batch(b'{"ts":1.5,"type":"metrics","step":1,"data":{"t":"text"}}\n')
    assert Batch(b"").last() is None


def test_a_batch_without_the_words_of_the_wanted_keys_is_not_parsed() -> None:
    def select(lines: bytes) -> list[str]:
        return [sample.key for sample in Batch(lines).select(lambda key: "s" in key.lower(), ["loss", "cost"])]

    assert select(b"no JSON, and nobody looks\n") == []
    for key in ("train/loss", "LOSS", "Cost", "loſs"):  # the last one is an s where case is ignored
        assert select(dumps({"ts": 1.5, "type": "metrics", "step": 1, "data": {"a": 1, key: 2}}) + b"\n") == (
            [key] if "s" in key.lower() else []
        )
    batch = Batch(b'{"ts":1.5,"type":"metrics","step":1,"data":{"a":1}}\n')
    assert len(batch) == 1  # it is parsed, and the words say nothing any more
    assert [sample.key for sample in batch.select(lambda _: True, ["loss"])] == ["a"]


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
    wait_until(lambda: only_run().status != "running")
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


def has_waited(run: rn.Run) -> bool:
    return any("slower than logging" in str(entry["what"]) for entry in run._troubles.entries())


@pytest.fixture(autouse=True)
def _qualified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SlowType, "python_types", (f"{Slow.__module__}.{Slow.__qualname__}",))


def test_a_full_queue_makes_log_wait_and_says_so(
    root: Path, plugins: Manager, monkeypatch: pytest.MonkeyPatch, read_back: Any, only_run: Any
) -> None:
    monkeypatch.setattr(media, "WAITING", 3)
    plugins.add("slow", SlowPlugin(lambda: wait_until(lambda: has_waited(run))))
    with rn.init("p") as run:
        for _ in range(10):
            run.log({"value": Slow()})
    assert len(read_back().media("value")) == 10
    assert "slower than logging" in only_run().trouble[0]["what"]


def test_large_values_that_wait_are_counted_in_bytes(
    root: Path, plugins: Manager, monkeypatch: pytest.MonkeyPatch, read_back: Any, only_run: Any
) -> None:
    held: list[int] = []

    class Large(Slow):
        nbytes = 400

    monkeypatch.setattr(media, "WAITING_BYTES", 1000)

    def slowly() -> None:
        wait_until(lambda: has_waited(run))
        held.append(run._media._bytes)

    plugins.add("slow", SlowPlugin(slowly))
    with rn.init("p") as run:
        for _ in range(6):
            run.log({"value": Large()})
    assert len(read_back().media("value")) == 6
    assert max(held) <= 800
    assert "slower than logging" in only_run().trouble[0]["what"]


def test_a_value_that_cannot_say_its_size_is_counted_and_finish_waits_for_nothing(
    root: Path, plugins: Manager, only_run: Any
) -> None:
    class Sizeless(Slow):
        @property
        def nbytes(self) -> int:
            raise RuntimeError("of no size")

    plugins.add("slow", SlowPlugin(int))
    with rn.init("p") as run:
        run.log({"value": Sizeless()})
        assert run._media.drain(0.0) == []
    (trouble,) = only_run().trouble
    assert (trouble["plugin"], trouble["what"]) == ("slow", "taking 'value': RuntimeError: of no size")


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
    plugins.add("slow", SlowPlugin(lambda: release.wait(250)))
    monkeypatch.setenv("RUNICORN_RUN__FINISH_TIMEOUT", "0.3")
    run = rn.init("p")
    run.log({"value": Slow()})
    run.log({"value": Slow()})
    run.finish()
    release.set()
    assert only_run().status == "finished"
    told = "2 media values could not be encoded in time: 'value'"
    assert any(told in str(entry["what"]) for entry in only_run().trouble)


# --- The environment


def test_the_environment_is_collected_beside_and_waited_for(root: Path, plugins: Manager, read_back: Any) -> None:
    begun = threading.Event()

    class Collector:
        @hookimpl
        def collect_environment(self, run: RunView) -> dict[str, Any]:
            assert begun.wait(60)  # init() has not waited for this
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


def test_where_there_are_no_more_threads_a_run_is_recorded_and_ended_at_once(script: Any, read_back: Any) -> None:
    program = """
import os, threading
os.environ["RUNICORN_RUN__FINISH_TIMEOUT"] = "300"  # so long it waits where something hangs
import runicorn as rn

def no_more(*_, **__):
    raise RuntimeError("can't start new thread")

threading._start_new_thread = no_more
run = rn.init("p", params={"lr": 0.1}, capture_console=True)
run.log(loss=1.0)
run.summary["said"] = 1
before = __import__("time").monotonic()
run.finish()
assert __import__("time").monotonic() - before < 150
"""
    done = script(program)
    assert done.returncode == 0, done.stderr
    reader = read_back()
    assert reader.record.status == "finished"
    assert "starting a thread" in str(reader.record.trouble)
    assert reader.read("summary") == {"said": 1}
    assert [dict(record.data) for record in reader.records()] == [{"loss": 1.0}]
