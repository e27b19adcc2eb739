"""The viewer's own sampler: what it answers, when it measures, and when it rests."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pynvml
import pytest
from runicorn.contracts.http import Call, NoBody, NoQuery
from runicorn.errors import Unavailable
from runicorn.testing import ViewerClient
from runicorn_environment.endpoints import HistoryQuery, endpoints
from runicorn_environment.live import Live


class Clock:
    """Counts how often it is measured."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.n = 0

    def open(self) -> None:
        self.calls.append("open")

    def measure(self) -> int:
        self.n += 1
        return self.n

    def close(self) -> None:
        self.calls.append("close")


def until(true: Any) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_measures_while_somebody_looks_and_rests_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    live = Live(lambda: clock, 0.02)
    time.sleep(0.05)
    assert clock.calls == []
    assert live.latest()[1] >= 1
    until(lambda: clock.n >= 3)
    moments = live.history(300)
    assert [value for _, value in moments] == list(range(1, len(moments) + 1))
    monkeypatch.setattr("runicorn_environment.live.IDLE_S", 0.1)
    until(lambda: clock.calls == ["open", "close"])
    rested = clock.n
    time.sleep(0.1)
    assert clock.n == rested
    monkeypatch.setattr("runicorn_environment.live.IDLE_S", 30.0)
    live.latest()
    assert clock.calls[:3] == ["open", "close", "open"]


def test_a_source_that_hangs_lets_nobody_wait_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runicorn_environment.live.FIRST_S", 0.1)
    release = threading.Event()

    class Hanging(Clock):
        def measure(self) -> int:
            release.wait(250)
            return 1

    live = Live(Hanging, 0.01)
    with pytest.raises(Unavailable, match=r"within 0\.1 s"):
        live.latest()
    release.set()


def test_a_source_that_breaks_is_a_reason_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runicorn_environment.live._AGAIN_S", 0.05)

    class Breaking(Clock):
        def measure(self) -> int:
            raise OSError("gone")

    sources: list[Clock] = [Breaking(), Clock()]
    live = Live(lambda: sources.pop(0), 0.01)
    with pytest.raises(Unavailable, match="gone"):
        live.latest()
    time.sleep(0.1)
    assert live.latest()[1] >= 1


def ask(path: str, query: object | None = None) -> Any:
    (endpoint,) = [one for one in endpoints(Path("/")) if one.path == path]
    return endpoint.handler(Call(query or NoQuery(), NoBody(), {}))


class Counting(Clock):
    """A machine, or a disk, that says how often it was measured."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def measure(self) -> Any:
        return {self.name: float(super().measure())}


def test_the_disk_stands_in_the_moments_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runicorn_environment.endpoints.Machine", lambda _: Counting("cpu/util_percent"))
    monkeypatch.setattr("runicorn_environment.endpoints.Disk", lambda *_: Counting("disk/used_bytes"))
    (endpoint,) = [one for one in endpoints(Path("/")) if one.path == "/api/system/history"]
    histories: list[Any] = []

    def disk_is_told() -> bool:
        histories.append(endpoint.handler(Call(HistoryQuery(), NoBody(), {})))
        return histories[-1]["series"].get("disk/used_bytes", [None])[-1] is not None

    until(disk_is_told)
    history = histories[-1]
    assert history["series"]["cpu/util_percent"] == [n + 1.0 for n in range(len(history["time"]))]
    disk = history["series"]["disk/used_bytes"]
    assert len(disk) == len(history["time"])
    assert disk[-1] >= 1


def test_no_history_waits_for_a_disk_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runicorn_environment.live.FIRST_S", 300.0)
    release = threading.Event()

    class Hanging(Counting):
        def measure(self) -> Any:
            release.wait(100)
            return super().measure()

    monkeypatch.setattr("runicorn_environment.endpoints.Disk", lambda *_: Hanging("disk/used_bytes"))
    answer = ask("/api/system/history", HistoryQuery())
    release.set()
    assert answer["available"]
    assert "cpu/util_percent" in answer["series"]
    assert "disk/used_bytes" not in answer["series"]


def test_a_disk_that_does_not_answer_hides_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    release, hangs = threading.Event(), threading.Event()

    class Hanging(Counting):
        def measure(self) -> Any:
            if self.n:
                hangs.set()
                release.wait(100)
            return super().measure()

    monkeypatch.setattr("runicorn_environment.endpoints._DISK_S", 0.01)
    monkeypatch.setattr("runicorn_environment.live.FIRST_S", 300.0)
    monkeypatch.setattr("runicorn_environment.endpoints.Disk", lambda *_: Hanging("disk/used_bytes"))
    (endpoint,) = [one for one in endpoints(Path("/")) if one.path == "/api/system"]

    def look() -> Any:
        return endpoint.handler(Call(NoQuery(), NoBody(), {}))

    until(lambda: look()["disk"]["used"] is not None)
    assert hangs.wait(60)
    first, later = look(), look()
    release.set()
    assert (first["available"], first["disk"]["used"]) == (True, 1.0)
    assert first["memory"]["total"] > 0
    assert later["disk"]["age"] >= first["disk"]["age"] > 0


def test_figures_of_a_disk_that_has_never_answered_are_null(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runicorn_environment.live.FIRST_S", 300.0)
    release = threading.Event()

    class Hanging(Counting):
        def measure(self) -> Any:
            release.wait(100)
            return super().measure()

    monkeypatch.setattr("runicorn_environment.endpoints.Disk", lambda *_: Hanging("disk/used_bytes"))
    answer = ask("/api/system")
    release.set()
    assert answer["available"]
    assert set(answer["disk"].values()) == {None}


def test_gpus_are_told_with_driver_and_processes(driver: Any) -> None:
    answer = ask("/api/gpu")
    assert (answer["available"], answer["driver"], answer["cuda"]) == (True, "580.65.06", "13.2")
    first, second = answer["gpus"]
    assert first["processes"] == [{"pid": 4242, "bytes": 50 << 30}]
    assert (first["name"], first["util_gpu"], first["mem_total"], first["power_w"]) == (
        "NVIDIA H100 80GB HBM3",
        97.0,
        80 << 30,
        612.345,
    )
    assert (second["index"], second["temp_c"], second["fan"]) == (1, 33, None)


def test_gpus_that_do_not_answer_are_told_beside_those_that_do(driver: Any) -> None:
    driver.gpus[0]["lost"] = pynvml.NVML_ERROR_GPU_IS_LOST
    driver.gpus[1] |= {"mig": [{"name": b"MIG 1g.5gb", "memory": (5 << 30, 1 << 30), "processes": {}}]}
    driver.gpus.append({"hidden": True})
    lost, divided, hidden = ask("/api/gpu")["gpus"]
    assert lost["trouble"].startswith("it has fallen off the bus")
    assert [gpu["trouble_code"] for gpu in (lost, divided, hidden)] == ["lost", None, None]
    assert lost["util_gpu"] is None
    assert divided["trouble"] is None
    assert [(one["index"], one["name"], one["mem_used"]) for one in divided["slices"]] == [(0, "MIG 1g.5gb", 1 << 30)]
    assert hidden["trouble"].startswith("the driver does not let this process look at it")


def test_the_history_of_gpus_is_in_columns(driver: Any) -> None:
    answer = ask("/api/gpu/history", HistoryQuery())
    assert len(answer["time"]) == 1
    assert [(gpu["index"], gpu["util_gpu"], gpu["fan"]) for gpu in answer["gpus"]] == [
        (0, [97.0], [None]),
        (1, [0.0], [None]),
    ]


def test_no_driver_is_told_as_a_reason(no_driver: None) -> None:
    answer = ask("/api/gpu")
    assert (answer["available"], answer["gpus"]) == (False, [])
    assert "no NVIDIA driver is installed" in answer["reason"]
    assert answer["reason_code"] == "no-driver"
    assert ask("/api/gpu/history", HistoryQuery())["reason"] == answer["reason"]


def test_hook_viewer_routes_tells_of_this_machine(viewer: ViewerClient) -> None:
    until(lambda: viewer.get("/api/system").json()["available"])  # within two seconds, or the next time
    now = viewer.get("/api/system").json()
    assert now["cpu"]["count"] == len(now["cpu"]["cores"])
    assert 0 < now["memory"]["used"] < now["memory"]["total"]
    assert now["disk"]["free"] > 0
    history = viewer.get("/api/system/history?seconds=60").json()
    assert len(history["time"]) == len(history["series"]["cpu/util_percent"]) >= 1
    assert set(viewer.get("/api/gpu").json()) >= {"available", "gpus"}
    assert viewer.get("/api/system/history?seconds=0").status in (400, 422)
