"""A driver that answers as NVIDIA's library does, below the real ``pynvml``."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pynvml
import pytest

OK: int = 0
NOT_SUPPORTED: int = pynvml.NVML_ERROR_NOT_SUPPORTED
TOO_SMALL: int = pynvml.NVML_ERROR_INSUFFICIENT_SIZE
NO_PERMISSION: int = pynvml.NVML_ERROR_NO_PERMISSION
NOT_FOUND: int = pynvml.NVML_ERROR_NOT_FOUND


class FakeDriver:
    """What ``ctypes`` would have loaded: functions that fill the memory they are handed, and return a code.

    A test changes ``gpus``, makes functions fail by ``errors[name] = code``, and reads ``connections``. Of a GPU,
    ``lost`` is the code of everything that is asked of it, ``fails`` that of single functions, ``mig`` are its
    instances; one that is ``hidden`` may not be looked at.
    """

    def __init__(self) -> None:
        self.gpus: list[dict[str, Any]] = [
            {"name": b"NVIDIA H100 80GB HBM3", "util": (97, 41), "memory": (80 << 30, 60 << 30), "temp": 61}
            | {"power": 612_345, "limit": 700_000, "clocks": {1: 1755, 2: 2619}, "processes": {4242: 50 << 30}},
            {"name": b"NVIDIA T4", "util": (0, 0), "memory": (16 << 30, 1 << 20), "temp": 33}
            | {"power": 9_000, "limit": 70_000, "clocks": {1: 300, 2: 405}, "processes": {}},
        ]
        self.errors: dict[str, int] = {}
        self.connections = 0

    def __getattr__(self, name: str) -> Callable[..., int]:
        if not name.startswith("nvml"):
            raise AttributeError(name)
        method: Any = getattr(type(self), "_" + name.partition("_v")[0], None)

        def function(*arguments: Any) -> int:
            if name in self.errors:
                return self.errors[name]
            broken = self._broken(name, arguments)
            if broken:
                return broken
            return NOT_SUPPORTED if method is None else int(method(self, *arguments))

        return function

    def _gpu(self, handle: Any) -> dict[str, Any]:
        number: int = ctypes.cast(handle, ctypes.c_void_p).value or 0
        gpu = self.gpus[number % 100 - 1]
        return gpu if number < 100 else gpu["mig"][number // 100 - 1]

    def _broken(self, name: str, arguments: tuple[Any, ...]) -> int:
        """The code of what is wrong with the GPU that is asked, if anything."""
        if not name.startswith("nvmlDeviceGet") or name.startswith(("nvmlDeviceGetCount", "nvmlDeviceGetHandle")):
            return OK
        gpu = self._gpu(arguments[0])
        return int(gpu.get("lost", OK) or gpu.get("fails", {}).get(name.partition("_v")[0], OK))

    def _nvmlInitWithFlags(self, flags: int) -> int:
        self.connections += 1
        return OK

    def _nvmlShutdown(self) -> int:
        self.connections -= 1
        return OK

    def _nvmlErrorString(self, code: int) -> bytes:
        return b"fake error"

    def _nvmlSystemGetDriverVersion(self, buffer: Any, size: Any) -> int:
        buffer.value = b"580.65.06"
        return OK

    def _nvmlSystemGetCudaDriverVersion(self, out: Any) -> int:
        out._obj.value = 13020
        return OK

    def _nvmlDeviceGetCount(self, out: Any) -> int:
        out._obj.value = len(self.gpus)
        return OK

    def _nvmlDeviceGetHandleByIndex(self, index: Any, out: Any) -> int:
        return self._hand(index.value + 1, out) if "hidden" not in self.gpus[index.value] else NO_PERMISSION

    def _hand(self, number: int, out: Any) -> int:
        address = ctypes.cast(ctypes.c_void_p(number), type(out._obj))
        ctypes.memmove(ctypes.byref(out._obj), ctypes.byref(address), ctypes.sizeof(address))
        return OK

    def _nvmlDeviceGetMigMode(self, handle: Any, current: Any, pending: Any) -> int:
        if "mig" not in self._gpu(handle):
            return NOT_SUPPORTED
        current._obj.value = pending._obj.value = 1
        return OK

    def _nvmlDeviceGetMaxMigDeviceCount(self, handle: Any, out: Any) -> int:
        out._obj.value = 7
        return OK

    def _nvmlDeviceGetMigDeviceHandleByIndex(self, handle: Any, index: Any, out: Any) -> int:
        if index.value >= len(self._gpu(handle)["mig"]):
            return NOT_FOUND
        number: int = ctypes.cast(handle, ctypes.c_void_p).value or 0
        return self._hand(100 * (index.value + 1) + number, out)

    def _nvmlDeviceGetName(self, handle: Any, buffer: Any, size: Any) -> int:
        buffer.value = self._gpu(handle)["name"]
        return OK

    def _nvmlDeviceGetUUID(self, handle: Any, buffer: Any, size: Any) -> int:
        buffer.value = b"GPU-" + self._gpu(handle)["name"][-4:]
        return OK

    def _nvmlDeviceGetUtilizationRates(self, handle: Any, out: Any) -> int:
        out._obj.gpu, out._obj.memory = self._gpu(handle)["util"]
        return OK

    def _nvmlDeviceGetMemoryInfo(self, handle: Any, out: Any) -> int:
        out._obj.total, out._obj.used = self._gpu(handle)["memory"]
        return OK

    def _nvmlDeviceGetTemperature(self, handle: Any, sensor: Any, out: Any) -> int:
        out._obj.value = self._gpu(handle)["temp"]
        return OK

    def _nvmlDeviceGetPowerUsage(self, handle: Any, out: Any) -> int:
        out._obj.value = self._gpu(handle)["power"]
        return OK

    def _nvmlDeviceGetEnforcedPowerLimit(self, handle: Any, out: Any) -> int:
        out._obj.value = self._gpu(handle)["limit"]
        return OK

    def _nvmlDeviceGetClockInfo(self, handle: Any, kind: Any, out: Any) -> int:
        out._obj.value = self._gpu(handle)["clocks"][kind.value]
        return OK

    def _nvmlDeviceGetComputeRunningProcesses(self, handle: Any, count: Any, out: Any) -> int:
        processes = self._gpu(handle)["processes"]
        if out is None:
            return TOO_SMALL if processes else OK
        count._obj.value = len(processes)
        for place, (pid, used) in enumerate(processes.items()):
            out[place].pid, out[place].usedGpuMemory = pid, used
        return OK


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a loaded machine git and drivers take longer than training waits for them; a test of that sets its own."""
    monkeypatch.setattr("runicorn_environment.code.LIMIT_S", 60.0)
    monkeypatch.setattr("runicorn_environment.gpus.LIMIT_S", 60.0)
    monkeypatch.setattr("runicorn_environment.live.FIRST_S", 60.0)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> FakeDriver:
    """Two GPUs: a busy one, and an idle one."""
    fake = FakeDriver()
    monkeypatch.setattr(pynvml, "nvmlLib", fake)
    monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})
    return fake


@pytest.fixture
def no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without an NVIDIA driver, whatever the machine of the test has."""

    def missing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(pynvml, "nvmlLib", None)
    monkeypatch.setattr(pynvml, "CDLL", missing)
    monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})
