"""Samplers of strangers: what is kept of them, and what their failures cost."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.errors import Unavailable
from runicorn.hooks import open_store
from runicorn.hookspecs import hookimpl
from runicorn.loader import Manager
from runicorn.sdk.spool import recover


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Samplers start at once."""
    monkeypatch.setattr("runicorn.sdk.sampling._FIRST_AFTER_S", 0.0)
    monkeypatch.setattr("runicorn.sdk.sampling._LOOK_S", 0.05)
    monkeypatch.setenv("RUNICORN_PLUGINS_DISABLE", "environment")


class Fan:
    """Measures by calling a function."""

    name, interval_s = "fan", 0.1

    def __init__(self, measure: Callable[[], Mapping[str, Any]] = lambda: {"fan/speed_rpm": 900.0}) -> None:
        self._measure = measure
        self.calls: list[str] = []
        self.sampled = threading.Semaphore(0)

    def open(self) -> None:
        self.calls.append("open")

    def sample(self) -> Mapping[str, Any]:
        self.calls.append("sample")
        self.sampled.release()
        return self._measure()

    def close(self) -> None:
        self.calls.append("close")


class Plugin:
    def __init__(self, *samplers: object) -> None:
        self._samplers = samplers

    @hookimpl
    def register_samplers(self) -> Iterator[object]:
        yield from self._samplers


def records(folder: Path) -> list[dict[str, Any]]:
    lines = [line for file in folder.glob("system*.jsonl") for line in file.read_text().splitlines(keepends=True)]
    return [json.loads(line) for line in lines if line.endswith("\n")]  # the last one may be under way


def trouble(run: rn.Run) -> list[str]:
    (record,) = open_store().find_runs(run.id)
    return [f"{entry['plugin']}: {entry['what']}" for entry in record.trouble]


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60  # a loaded machine
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_hook_register_samplers_keeps_samples_in_the_run(plugins: Manager) -> None:
    fan = Fan()
    plugins.add("cooling", Plugin(fan))
    with rn.init(project="p") as run:
        assert fan.sampled.acquire(timeout=60)
        assert fan.sampled.acquire(timeout=60)
        until(lambda: bool(records(run.dir)))
    first = records(run.dir)[0]
    assert first["type"] == "system"
    assert first["data"] == {"fan/speed_rpm": 900.0}
    assert first["host"]
    assert abs(first["ts"] - time.time()) < 300
    until(lambda: fan.calls[-1] == "close")
    assert fan.calls[0] == "open"
    assert trouble(run) == []


def test_a_sampler_that_raises_is_switched_off_alone(plugins: Manager) -> None:
    def stuck() -> Mapping[str, float]:
        raise OSError("no such fan")

    failing, fine = Fan(stuck), Fan()
    failing.name = "failing"
    plugins.add("cooling", Plugin(failing, fine))
    with rn.init(project="p") as run:
        until(lambda: "close" in failing.calls)
        until(lambda: fine.calls.count("sample") > failing.calls.count("sample"))
    assert failing.calls == ["open", "sample", "sample", "sample", "close"]
    assert [line.split(" after")[0] for line in trouble(run)] == [
        "cooling: sampler failing: OSError: no such fan",
        "cooling: sampler failing again: SwitchedOff: switched off",
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [(None, "a NoneType instead of"), ({"fan": "fast"}, "'fan': 'fast'"), ({7: 1.0}, "7: 1.0"), ([1], "a list")],
)
def test_what_is_no_sample_counts_against_the_sampler(plugins: Manager, wrong: Any, said: str) -> None:
    fan = Fan(lambda: wrong)
    plugins.add("cooling", Plugin(fan))
    with rn.init(project="p") as run:
        until(lambda: "close" in fan.calls)
    assert records(run.dir) == []
    assert said in trouble(run)[0]


def test_a_sampler_that_hangs_is_reported_and_neither_others_nor_the_end_wait(
    plugins: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runicorn.hooks.samplers.LATE_S", 0.5)
    release = threading.Event()

    def hang() -> Mapping[str, float]:
        release.wait(250)
        return {"late_count": 1.0}

    hanging, fine = Fan(hang), Fan()
    hanging.name = "hanging"
    plugins.add("cooling", Plugin(hanging, fine))
    try:
        with rn.init(project="p") as run:
            until(lambda: any("sampler hanging" in str(entry["what"]) for entry in run._troubles.entries()))
            until(lambda: len(records(run.dir)) >= 2)
        assert hanging.calls == ["open", "sample"]
        assert "cooling: sampler hanging hangs: TimeoutError: has not returned for 0.5 s" in trouble(run)
        before = records(run.dir)
    finally:
        release.set()
    until(lambda: hanging.calls[-1] == "close")
    assert records(run.dir) == before
    assert all("late_count" not in record["data"] for record in before)


def test_what_cannot_be_measured_here_is_no_trouble(plugins: Manager) -> None:
    class Nothing(Fan):
        def open(self) -> None:
            super().open()
            raise Unavailable("fan", "this machine has none")

    nothing = Nothing()
    plugins.add("cooling", Plugin(nothing))
    with rn.init(project="p") as run:
        until(lambda: bool(nothing.calls))
        time.sleep(0.1)
    assert nothing.calls == ["open"]
    assert trouble(run) == []


def test_a_plugin_that_offers_what_is_no_sampler_stands_in_the_status(plugins: Manager) -> None:
    plugins.add("cooling", Plugin(object()))
    with rn.init(project="p") as run:
        until(lambda: bool(run._troubles.entries()))
    assert "without a name" in trouble(run)[0]


def test_sampling_can_be_switched_off(plugins: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    fan = Fan()
    plugins.add("cooling", Plugin(fan))
    with rn.init(project="p", capture_system=False):
        time.sleep(0.2)
    monkeypatch.setenv("RUNICORN_RUN__CAPTURE_SYSTEM", "false")
    with rn.init(project="p"):
        time.sleep(0.2)
    assert fan.calls == []


def test_one_process_of_a_host_samples(plugins: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    fan = Fan()
    plugins.add("cooling", Plugin(fan))
    monkeypatch.setenv("LOCAL_RANK", "3")
    with rn.init(project="p"):
        time.sleep(0.2)
    assert fan.calls == []
    monkeypatch.setenv("LOCAL_RANK", "0")
    with rn.init(project="p"):
        assert fan.sampled.acquire(timeout=60)


MEMBER = """
import sys
import runicorn as rn
import runicorn.sdk.sampling as sampling

sampling._FIRST_AFTER_S, sampling._AGAIN_S = 0.0, 0.1
run = rn.init("p", run_id="one", resume="allow")
print("ready", flush=True)
sys.stdin.readline()
run.finish()
"""


def test_without_numbers_one_process_of_a_host_samples_and_another_goes_on_when_it_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each process that samples has a file of its own."""
    monkeypatch.delenv("RUNICORN_PLUGINS_DISABLE")
    monkeypatch.setenv("RUNICORN_ENVIRONMENT__INTERVAL", "0.1")
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # where the lock lies

    def member() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", MEMBER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return process

    processes = [member()]
    (record,) = open_store().find_runs("one")
    folder = open_store().root / record.ref.folder

    def files() -> set[Path]:
        return {file for file in folder.glob("system*.jsonl") if file.stat().st_size}

    try:
        until(lambda: len(files()) == 1)
        processes += [member(), member()]
        before = len(records(folder))
        until(lambda: len(records(folder)) > before + 5)
        assert len(files()) == 1
        processes[0].kill()
        processes[0].wait(60)
        until(lambda: len(files()) == 2)
        before = len(records(folder))
        until(lambda: len(records(folder)) > before + 5)
        assert len(files()) == 2
    finally:
        for process in processes:
            process.communicate(b"\n", timeout=60)
    assert list(tmp_path.glob("*.lock")) == []


def test_samples_survive_an_outage_of_the_storage(
    plugins: Manager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fan = Fan()
    plugins.add("cooling", Plugin(fan))
    blocked = tmp_path / "file"
    blocked.write_text("a file is no storage root")
    with rn.init(project="p", storage=blocked / "root"):
        assert fan.sampled.acquire(timeout=60)
        assert fan.sampled.acquire(timeout=60)
    blocked.unlink()
    monkeypatch.setattr("runicorn.sdk.spool._in_use", lambda *_: False)  # as if this process were gone
    home = recover()
    assert {one.trouble for one in home} == {""}
    folders = {blocked / "root" / one.run.folder for one in home if one.run is not None}
    assert records(folders.pop())
    assert folders == set()
