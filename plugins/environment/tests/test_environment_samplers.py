"""What samplers measure: held against what was really done, and against a driver that answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pynvml
import pytest
import runicorn as rn
from runicorn.contracts import Sampler
from runicorn.errors import Unavailable
from runicorn.hooks import open_store, system_metrics
from runicorn.testing import SamplerContract
from runicorn_environment.disk_sampler import DiskSampler
from runicorn_environment.gpu_sampler import GpuSampler
from runicorn_environment.machine_sampler import MachineSampler
from runicorn_environment.process_sampler import ProcessSampler, tree


class TestMachine(SamplerContract):
    @pytest.fixture
    def make(self) -> Callable[[], Sampler]:
        return lambda: MachineSampler(5.0)


class TestProcess(SamplerContract):
    @pytest.fixture
    def make(self) -> Callable[[], Sampler]:
        return lambda: ProcessSampler(5.0)


class TestDisk(SamplerContract):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Callable[[], Sampler]:
        return lambda: DiskSampler(5.0, tmp_path / "not" / "there yet")


class TestGpu(SamplerContract):
    @pytest.fixture
    def make(self, driver: object) -> Callable[[], Sampler]:
        return lambda: GpuSampler(5.0)


def sampled(sampler: Any, between: Callable[[], object] = lambda: None) -> dict[str, float]:
    sampler.open()
    sampler.sample()
    between()
    found: dict[str, float] = sampler.sample()
    sampler.close()
    return found


def busy() -> None:
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass


# --- CPU, memory, disk, network


def test_the_cpu_is_seen_at_work() -> None:
    found = sampled(MachineSampler(5.0), busy)
    cores = [value for name, value in found.items() if name.startswith("cpu/core/")]
    assert len(cores) == psutil.cpu_count()
    assert found["cpu/util_percent"] == pytest.approx(sum(cores) / len(cores), abs=0.1)
    assert found["cpu/util_percent"] > 100 / len(cores) / 10
    assert 0 < found["memory/used_percent"] < 100
    assert found["memory/used_bytes"] < psutil.virtual_memory().total
    assert found["net/sent_bytes_per_s"] >= 0


@pytest.mark.parametrize("make", [MachineSampler, ProcessSampler])
def test_what_needs_a_span_of_time_is_left_out_where_there_is_none(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("rates", "machine_sampler", "process_sampler"):
        monkeypatch.setattr(f"runicorn_environment.{module}.SHORTEST_S", 3600.0)
    sampler = make(5.0)
    sampler.open()
    first = sampler.sample()
    assert [name for name in first if "util_percent" in name or "cpu_percent" in name or "_per_s" in name] == []
    assert any(name.endswith("bytes") for name in first)
    for module in ("rates", "machine_sampler", "process_sampler"):
        monkeypatch.setattr(f"runicorn_environment.{module}.SHORTEST_S", 0.05)
    time.sleep(0.1)
    assert any("util_percent" in name or "cpu_percent" in name for name in sampler.sample())


def test_cores_can_be_left_out() -> None:
    assert [name for name in sampled(MachineSampler(5.0, per_core=False)) if "core" in name] == []


def test_a_process_counts_with_its_descendants() -> None:
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'x = bytearray(60 << 20); input()'])"
    alone = sampled(ProcessSampler(5.0))
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE) as child:
        try:
            deadline = time.monotonic() + 60
            while len(tree(os.getpid())) < 3 or sampled(ProcessSampler(5.0))["process/rss_bytes"] < alone[
                "process/rss_bytes"
            ] + (40 << 20):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert {child.pid} < {*tree(os.getpid())}
            assert sampled(ProcessSampler(5.0))["process/tree_count"] >= 3
        finally:
            child.communicate(b"\n")
    assert child.pid not in tree(os.getpid())


def test_the_cpu_time_of_a_process_is_in_percent_of_one_core() -> None:
    def clocks() -> tuple[float, float]:
        return time.process_time(), time.monotonic()

    sampler = ProcessSampler(5.0)
    moments = [clocks()]
    sampler.open()
    moments.append(clocks())
    busy()
    moments.append(clocks())
    said = sampler.sample()["process/cpu_percent"]
    moments.append(clocks())
    # It has looked between the first two and between the last two, whenever it got a turn.
    used, at = zip(*moments, strict=True)
    least, most = (used[2] - used[1]) / (at[3] - at[0]), (used[3] - used[0]) / (at[2] - at[1])
    assert 70 * least - 5 <= said <= 130 * most + 5


def test_a_process_that_ends_meanwhile_costs_nothing() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    sampler = ProcessSampler(5.0)
    sampler.open()
    assert sampler.sample()["process/tree_count"] >= 2
    child.communicate(b"\n")
    time.sleep(0.06)
    assert sampler.sample()["process/cpu_percent"] >= 0


def test_where_the_system_does_not_tell_children_they_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runicorn_environment.process_sampler._tells_children", lambda: False)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in tree(os.getpid())
        child.communicate(b"\n")


def test_the_disk_of_the_run_is_told_and_what_is_written(tmp_path: Path) -> None:
    found = sampled(DiskSampler(5.0, tmp_path / "later"), lambda: time.sleep(0.1))
    usage = psutil.disk_usage(str(tmp_path))
    assert found["disk/used_bytes"] == pytest.approx(usage.used, rel=0.05, abs=512 << 20)  # others write, too
    assert found["disk/used_bytes"] + found["disk/free_bytes"] <= usage.total
    if psutil.disk_io_counters() is not None:
        assert found["disk/written_bytes_per_s"] >= 0


def test_a_system_that_tells_nothing_is_a_reason_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise PermissionError(13, "Permission denied", "/proc/stat")

    monkeypatch.setattr(psutil, "cpu_percent", refuse)
    monkeypatch.setattr(psutil, "disk_io_counters", refuse)
    monkeypatch.setattr(psutil, "disk_usage", refuse)
    monkeypatch.setattr(psutil, "net_io_counters", refuse)
    with pytest.raises(Unavailable, match="/proc/stat"):
        MachineSampler(5.0).open()
    with pytest.raises(Unavailable):
        DiskSampler(5.0, Path("/")).open()


# --- GPUs


def test_gpus_are_measured_as_the_driver_tells(driver: Any) -> None:
    driver.gpus[0]["processes"] = {os.getpid(): 50 << 30, 99999999: 1 << 30}
    found = sampled(GpuSampler(5.0))
    assert {name: value for name, value in found.items() if name.startswith("gpu/0/")} == {
        "gpu/0/util_percent": 97.0,
        "gpu/0/util_mem_percent": 41.0,
        "gpu/0/mem_used_bytes": 60 << 30,
        "gpu/0/mem_used_percent": 75.0,
        "gpu/0/temp_c": 61,
        "gpu/0/power_w": 612.345,
        "gpu/0/power_limit_w": 700.0,
        "gpu/0/clock_sm_mhz": 1755,
        "gpu/0/clock_mem_mhz": 2619,
        "gpu/0/process_bytes": 50 << 30,
    }
    assert "gpu/1/process_bytes" not in found
    assert found["gpu/1/util_percent"] == 0
    assert driver.connections == 0


def test_what_one_gpu_does_not_tell_is_left_out(driver: Any) -> None:
    driver.errors = dict.fromkeys(
        ["nvmlDeviceGetUtilizationRates", "nvmlDeviceGetPowerUsage"], pynvml.NVML_ERROR_UNKNOWN
    )
    found = sampled(GpuSampler(5.0))
    assert "gpu/0/util_percent" not in found
    assert "gpu/0/power_w" not in found
    assert found["gpu/0/temp_c"] == 61


def test_a_gpu_that_falls_off_the_bus_is_said_once_and_hides_no_other(driver: Any) -> None:
    sampler = GpuSampler(5.0)
    sampler.open()
    assert sampler.sample()["gpu/0/temp_c"] == 61
    driver.gpus[0]["lost"] = pynvml.NVML_ERROR_GPU_IS_LOST
    with pytest.raises(Unavailable, match="GPU 0 NVIDIA H100 80GB HBM3: it has fallen off the bus"):
        sampler.sample()
    found = sampler.sample()
    sampler.close()
    assert {name.split("/")[1] for name in found} == {"1"}
    assert driver.connections == 0


def test_more_gpus_than_eight_are_all_measured(driver: Any) -> None:
    driver.gpus = [{**driver.gpus[0], "temp": 40 + n} for n in range(16)]
    found = sampled(GpuSampler(5.0))
    assert [found[f"gpu/{n}/temp_c"] for n in range(16)] == [40 + n for n in range(16)]


def test_a_divided_gpu_tells_the_memory_of_its_instances(driver: Any) -> None:
    names = {1: 10 << 30, 2: 5 << 30}
    part = {"processes": {os.getpid(): 3 << 30}}
    driver.gpus[0] |= {
        "mig": [{"name": b"NVIDIA H100 MIG 1g.10gb", "memory": (n << 33, used)} | part for n, used in names.items()],
        "fails": {"nvmlDeviceGetUtilizationRates": pynvml.NVML_ERROR_NOT_SUPPORTED},
        "processes": {},
    }
    found = sampled(GpuSampler(5.0))
    assert (found["gpu/0/mig/0/mem_used_bytes"], found["gpu/0/mig/1/mem_used_bytes"]) == (10 << 30, 5 << 30)
    assert found["gpu/0/process_bytes"] == 3 << 30
    assert "gpu/0/util_percent" not in found


def test_a_gpu_that_says_neither_its_power_nor_its_processes_says_the_rest(driver: Any) -> None:
    driver.gpus[0]["fails"] = dict.fromkeys(
        ["nvmlDeviceGetPowerUsage", "nvmlDeviceGetEnforcedPowerLimit"], pynvml.NVML_ERROR_NOT_SUPPORTED
    ) | {"nvmlDeviceGetComputeRunningProcesses": pynvml.NVML_ERROR_NO_PERMISSION}
    found = sampled(GpuSampler(5.0))
    assert not {"gpu/0/power_w", "gpu/0/power_limit_w", "gpu/0/process_bytes"} & found.keys()
    assert (found["gpu/0/temp_c"], found["gpu/1/power_w"]) == (61, 9.0)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (pynvml.NVML_ERROR_DRIVER_NOT_LOADED, "not loaded"),
        (pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH, "until the next boot"),
        (pynvml.NVML_ERROR_UNKNOWN, "does not answer"),
    ],
)
def test_a_driver_that_does_not_answer_is_a_reason(driver: Any, code: int, said: str) -> None:
    driver.errors["nvmlInitWithFlags"] = code
    with pytest.raises(Unavailable, match=said):
        GpuSampler(5.0).open()


def test_a_driver_without_gpus_is_a_reason_and_is_let_go(driver: Any) -> None:
    driver.gpus = []
    with pytest.raises(Unavailable, match="knows of none"):
        GpuSampler(5.0).open()
    assert driver.connections == 0


def test_no_driver_is_a_reason(no_driver: None) -> None:
    with pytest.raises(Unavailable, match="no NVIDIA driver is installed"):
        GpuSampler(5.0).open()


# --- In a run


def test_hook_register_samplers_measures_a_run(
    plugin_manager: object, driver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runicorn.sdk.sampling._FIRST_AFTER_S", 0.0)
    monkeypatch.setenv("RUNICORN_ENVIRONMENT__INTERVAL", "0.1")
    monkeypatch.setenv("RUNICORN_ENVIRONMENT__PER_CORE", "false")
    wanted = {"cpu/util_percent", "process/rss_bytes", "disk/used_bytes", "gpu/0/temp_c", "net/sent_bytes_per_s"}
    with rn.init(project="p", capture_env=False) as run:
        store = open_store()
        (record,) = store.find_runs(run.id)
        deadline = time.monotonic() + 60
        while not wanted <= {series.key for series in system_metrics(store.open_run(record.ref))}:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    series = {one.key: one for one in system_metrics(store.open_run(record.ref))}
    assert set(series["gpu/0/temp_c"].values) == {61.0}
    assert (series["gpu/0/temp_c"].unit, series["cpu/util_percent"].unit) == ("°C", "%")
    assert not [name for name in series if name.startswith("cpu/core/")]
    (record,) = store.find_runs(run.id)
    assert list(record.trouble) == []


def test_a_run_on_a_machine_without_gpus_has_no_trouble(
    plugin_manager: object, no_driver: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runicorn.sdk.sampling._FIRST_AFTER_S", 0.0)
    with rn.init(project="p", capture_env=False) as run:
        deadline = time.monotonic() + 60
        while not any(file.stat().st_size for file in run.dir.glob("system*.jsonl")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(0.2)
    record = json.loads((run.dir / "system.jsonl").read_text().splitlines()[0])
    assert record["type"] == "system"
    assert json.loads((run.dir / "status.json").read_text())["trouble"] == []


def test_the_first_init_imports_neither_psutil_nor_pynvml() -> None:
    program = (
        "import sys, runicorn as rn, runicorn.sdk.sampling; runicorn.sdk.sampling._FIRST_AFTER_S = 600; "
        "rn.init('p', capture_env=False).finish(); "
        "print(sorted({'psutil', 'pynvml'} & {*sys.modules}))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    assert said.stdout == "[]\n"
