"""NVIDIA GPUs, as the driver's library (NVML) tells of them. ``pynvml`` is imported when it is used."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import field, frozen
from runicorn.errors import Unavailable

if TYPE_CHECKING:
    from types import ModuleType

Result = TypeVar("Result")

#: What can be said of a driver and its GPUs, by a name that pages translate.
SENTENCES = {
    "no-driver": "no NVIDIA driver is installed (its library libnvidia-ml.so.1 was not found)",
    "not-loaded": "the NVIDIA driver is installed but not loaded",
    "updated": "the NVIDIA driver was updated; its library and kernel module differ until the next boot",
    "none": "the driver knows of none",
    "lost": "it has fallen off the bus; it is there again after a restart of the machine",
    "reset": "it has to be reset (nvidia-smi --gpu-reset)",
}


@frozen
class Slice:
    """One instance of a GPU that is divided (MIG)."""

    index: int
    name: str
    uuid: str
    mem_total: int | None = None  # bytes
    mem_used: int | None = None


@frozen
class Gpu:
    """One GPU at one moment. What this model or driver does not tell is None: of a divided one, how busy it is."""

    index: int  # as nvidia-smi counts, whatever CUDA_VISIBLE_DEVICES says
    name: str
    uuid: str
    util_gpu: float | None = None  # percent of the last moments in which a kernel ran
    util_mem: float | None = None  # percent of the last moments in which memory was read or written
    mem_total: int | None = None  # bytes
    mem_used: int | None = None
    temp_c: float | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    clock_sm: int | None = None  # MHz
    clock_mem: int | None = None
    fan: float | None = None  # percent
    processes: dict[int, int | None] = field(factory=dict)  # process id -> bytes of its memory; None = not told
    slices: tuple[Slice, ...] = ()
    trouble: str | None = None  # why it tells nothing any more
    trouble_code: str | None = None  # its name in SENTENCES


class Nvml:
    """A connection to the driver. One thread at a time."""

    def __init__(self) -> None:
        """:raises Unavailable: there is no driver, or it does not answer."""
        if not _driver_may_be_there():
            raise _unavailable("no-driver")
        try:
            import pynvml
        except ImportError as error:
            raise Unavailable("NVIDIA GPUs", f"nvidia-ml-py cannot be imported: {error}") from error
        self._pynvml: ModuleType = pynvml
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError as error:
            raise _refused(pynvml, error) from error
        self._handles: list[tuple[int, Any, str, str]] = []
        self._slices: dict[int, list[tuple[int, Any, str, str]]] = {}  # of the GPUs that are divided
        self._silent: list[Gpu] = []  # what the driver counts, but does not let anybody look at
        try:
            self.driver = _text(pynvml.nvmlSystemGetDriverVersion())
            version = self._ask(pynvml.nvmlSystemGetCudaDriverVersion)
            for index in range(pynvml.nvmlDeviceGetCount()):
                self._find(index)
        except pynvml.NVMLError as error:
            self.close()
            raise _refused(pynvml, error) from error
        self.cuda = None if version is None else f"{version // 1000}.{version % 1000 // 10}"
        if not self._handles and not self._silent:
            self.close()
            raise _unavailable("none")

    def _find(self, index: int) -> None:
        nvml = self._pynvml
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
        except nvml.NVMLError as error:  # it hides no other
            code = _trouble(nvml, error)
            trouble = SENTENCES[code] if code else f"the driver does not let this process look at it: {error}"
            self._silent.append(Gpu(index, "", "", trouble=trouble, trouble_code=code))
            return
        self._handles.append((index, handle, *self._named(handle)))
        mode = self._ask(nvml.nvmlDeviceGetMigMode, handle)
        if mode and mode[0]:
            count = self._ask(nvml.nvmlDeviceGetMaxMigDeviceCount, handle) or 0
            parts = [(n, self._ask(nvml.nvmlDeviceGetMigDeviceHandleByIndex, handle, n)) for n in range(count)]
            self._slices[index] = [(n, part, *self._named(part)) for n, part in parts if part is not None]

    def _named(self, handle: Any) -> tuple[str, str]:
        name, uuid = (self._ask(f, handle) for f in (self._pynvml.nvmlDeviceGetName, self._pynvml.nvmlDeviceGetUUID))
        return _text(name or ""), _text(uuid or "")

    def gpus(self) -> list[Gpu]:
        """All GPUs, also those that have ceased to answer: these say so."""
        return sorted([*self._silent, *(self._look(*known) for known in self._handles)], key=lambda gpu: gpu.index)

    def _look(self, index: int, handle: Any, name: str, uuid: str) -> Gpu:
        nvml, ask = self._pynvml, self._ask
        temperature = None
        try:
            temperature = nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)
        except nvml.NVMLError as error:
            trouble = _trouble(nvml, error)
            if trouble is not None:
                return Gpu(index, name, uuid, trouble=SENTENCES[trouble], trouble_code=trouble)
        util = ask(nvml.nvmlDeviceGetUtilizationRates, handle)
        memory = ask(nvml.nvmlDeviceGetMemoryInfo, handle)
        power = ask(nvml.nvmlDeviceGetPowerUsage, handle)
        limit = ask(nvml.nvmlDeviceGetEnforcedPowerLimit, handle)
        slices = self._slices.get(index, ())
        processes: dict[int, int | None] = {}
        for part in (handle, *(part for _, part, _, _ in slices)):
            processes |= self._processes(part)
        return Gpu(
            index=index,
            name=name,
            uuid=uuid,
            util_gpu=None if util is None else float(util.gpu),
            util_mem=None if util is None else float(util.memory),
            mem_total=None if memory is None else int(memory.total),
            mem_used=None if memory is None else int(memory.used),
            temp_c=temperature,
            power_w=None if power is None else power / 1000,
            power_limit_w=None if limit is None else limit / 1000,
            clock_sm=ask(nvml.nvmlDeviceGetClockInfo, handle, nvml.NVML_CLOCK_SM),
            clock_mem=ask(nvml.nvmlDeviceGetClockInfo, handle, nvml.NVML_CLOCK_MEM),
            fan=ask(nvml.nvmlDeviceGetFanSpeed, handle),
            processes=processes,
            slices=tuple(self._slice(*one) for one in slices),
        )

    def _processes(self, handle: Any) -> dict[int, int | None]:
        nvml = self._pynvml
        return {
            int(process.pid): None if process.usedGpuMemory is None else int(process.usedGpuMemory)
            for kind in (nvml.nvmlDeviceGetComputeRunningProcesses_v3, nvml.nvmlDeviceGetGraphicsRunningProcesses_v3)
            for process in self._ask(kind, handle) or ()
        }

    def _slice(self, index: int, handle: Any, name: str, uuid: str) -> Slice:
        memory = self._ask(self._pynvml.nvmlDeviceGetMemoryInfo, handle)
        if memory is None:
            return Slice(index, name, uuid)
        return Slice(index, name, uuid, int(memory.total), int(memory.used))

    def _ask(self, function: Callable[..., Result], *arguments: Any) -> Result | None:
        """What the driver says; None where this GPU or driver cannot say it."""
        try:
            return function(*arguments)
        except self._pynvml.NVMLError:
            return None

    def close(self) -> None:
        self._ask(self._pynvml.nvmlShutdown)


def used_by(gpu: Gpu, pids: Collection[int]) -> int | None:
    """Bytes that some processes use of a GPU; None when none of them uses it, or the driver does not tell."""
    told = [used for pid, used in gpu.processes.items() if pid in pids and used is not None]
    return sum(told) if told else None


def visible() -> str | None:
    """What ``CUDA_VISIBLE_DEVICES`` says; None where everything is visible."""
    return os.environ.get("CUDA_VISIBLE_DEVICES")


def _driver_may_be_there() -> bool:
    """Whether it is worth importing ``pynvml``: that costs 50 ms of CPU, and most machines have no such GPU."""
    if sys.platform == "win32" or "pynvml" in sys.modules:
        return True
    try:
        ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return False
    return True


def _trouble(pynvml: Any, error: Exception) -> str | None:
    """What a GPU has that will not answer again, by its name; None for what it merely does not tell."""
    code = getattr(error, "value", None)
    if code == pynvml.NVML_ERROR_GPU_IS_LOST:
        return "lost"
    if code == pynvml.NVML_ERROR_RESET_REQUIRED:
        return "reset"
    return None


def _unavailable(code: str) -> Unavailable:
    return Unavailable("NVIDIA GPUs", SENTENCES[code], code)


def _refused(pynvml: Any, error: Exception) -> Unavailable:
    code = getattr(error, "value", None)
    if code == pynvml.NVML_ERROR_LIBRARY_NOT_FOUND:
        return _unavailable("no-driver")
    if code == pynvml.NVML_ERROR_DRIVER_NOT_LOADED:
        return _unavailable("not-loaded")
    if code == pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH:
        return _unavailable("updated")
    return Unavailable("NVIDIA GPUs", f"the NVIDIA driver does not answer: {error}")


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
