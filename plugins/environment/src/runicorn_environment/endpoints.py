"""``/api/system`` and ``/api/gpu``: the machine that the viewer runs on."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterable
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Annotated, Any, NotRequired, TypedDict

from attrs import asdict, frozen
from runicorn.contracts.http import About, Call, Endpoint, NoBody
from runicorn.errors import Unavailable
from runicorn.hooks import plugin_section
from runicorn.host import hostname
from runicorn.types import JSON

from .live import Live
from .live_sources import Disk, Gpus, Machine
from .settings import EnvironmentSection

if TYPE_CHECKING:
    from .nvml import Gpu

_DISK_S = 5.0
_DISK_FIRST_S = 0.5  # from when it begins to measure: one that does not answer hides nothing else
_DISK_HOLDS_S = 3 * _DISK_S  # so long a disk's value stands beside what is measured later
_TOLD = ("util_gpu", "util_mem", "mem_used", "temp_c", "power_w", "clock_sm", "clock_mem", "fan")


@frozen
class HistoryQuery:
    seconds: Annotated[float, About("How far back.", minimum=1, maximum=3600)] = 600.0


class Cpu(TypedDict):
    count: int | None
    percent: float | None
    cores: Annotated[list[float], About("Percent of each core.")]
    load_1m: float | None


class Memory(TypedDict):
    """Bytes."""

    total: int | None
    used: float | None
    percent: float | None
    swap_used: float | None


class DiskSpace(TypedDict):
    """The disk of the storage root in bytes; input and output of all disks in bytes per second."""

    used: float | None
    free: float | None
    percent: float | None
    read: float | None
    written: float | None
    age: Annotated[float | None, About("Seconds since these were measured: it grows while the disk does not answer.")]


class Net(TypedDict):
    """Bytes per second."""

    sent: float | None
    received: float | None


class System(TypedDict):
    """This machine now; what it does not tell is null."""

    available: bool
    reason: NotRequired[str]
    host: str
    time: float
    cpu: Cpu
    memory: Memory
    disk: DiskSpace
    net: Net


class SystemHistory(TypedDict):
    """Columns of one length; null where a moment lacks a value."""

    available: bool
    reason: NotRequired[str]
    interval_s: float
    time: list[float]
    series: dict[str, list[float | None]]


class GpuSlice(TypedDict):
    index: int
    name: str
    uuid: str
    mem_total: Annotated[int | None, About("Bytes.")]
    mem_used: int | None


class GpuNow(TypedDict):
    index: int
    name: str
    uuid: str
    util_gpu: Annotated[float | None, About("Percent.")]
    util_mem: Annotated[float | None, About("Percent of the time in which memory was used.")]
    mem_total: Annotated[int | None, About("Bytes.")]
    mem_used: int | None
    temp_c: float | None
    power_w: float | None
    power_limit_w: float | None
    clock_sm: Annotated[int | None, About("MHz.")]
    clock_mem: int | None
    fan: Annotated[float | None, About("Percent.")]
    processes: Annotated[list[dict[str, JSON]], About("pid and bytes of the processes that use it.")]
    slices: Annotated[list[GpuSlice], About("The instances of a GPU that is divided (MIG).")]
    trouble: Annotated[str | None, About("Why it has ceased to answer.")]
    trouble_code: Annotated[str | None, About("The same as a name, where it is one that is known.")]


class GpusNow(TypedDict):
    available: bool
    reason: NotRequired[Annotated[str, About("Why there are none.")]]
    reason_code: NotRequired[Annotated[str | None, About("The same as a name, where it is one that is known.")]]
    time: NotRequired[float]
    driver: NotRequired[str]
    cuda: NotRequired[str | None]
    gpus: list[GpuNow]


class GpuColumns(TypedDict):
    """One GPU; columns as long as ``time``."""

    index: int
    name: str
    mem_total: int | None
    util_gpu: list[float | None]
    util_mem: list[float | None]
    mem_used: list[float | None]
    temp_c: list[float | None]
    power_w: list[float | None]
    clock_sm: list[float | None]
    clock_mem: list[float | None]
    fan: list[float | None]


class GpuHistory(TypedDict):
    available: bool
    reason: NotRequired[str]
    interval_s: float
    time: list[float]
    gpus: list[GpuColumns]


def endpoints(root: Path) -> Iterable[Endpoint[Any, Any]]:
    """
    :param root: the storage root, whose disk is told of.
    """
    interval = plugin_section("environment", EnvironmentSection).live_interval
    machine = Live(lambda: Machine(interval), interval)
    disk = Live(lambda: Disk(_DISK_S, root), _DISK_S)
    gpus = Live(Gpus, interval)

    def system(_: Call[Any, NoBody]) -> System:
        """This machine now. It is measured while somebody asks, and for half a minute after."""
        reason = None
        disk.known(0)  # both begin at once
        try:
            moment, values = machine.latest()
        except Unavailable as error:
            moment, values, reason = 0.0, {}, error.reason
        answer = _system(moment, values, disk.last(_DISK_FIRST_S))
        return answer if reason is None else {**answer, "available": False, "reason": reason}

    def system_history(call: Call[HistoryQuery, NoBody]) -> SystemHistory:
        """What was measured of this machine lately, under the names of system metrics."""
        try:
            moments = machine.history(call.query.seconds)
        except Unavailable as error:
            return {"available": False, "reason": error.reason, "interval_s": interval, "time": [], "series": {}}
        moments = _beside(moments, disk.known(call.query.seconds + _DISK_HOLDS_S))
        names = sorted({name for _, values in moments for name in values})
        return {
            "available": True,
            "interval_s": interval,
            "time": [time for time, _ in moments],
            "series": {name: [values.get(name) for _, values in moments] for name in names},
        }

    def gpu(_: Call[Any, NoBody]) -> GpusNow:
        """The GPUs of this machine now, or why there are none."""
        try:
            moment, (driver, cuda, found) = gpus.latest()
        except Unavailable as error:
            return {
                "available": False,
                "reason": error.reason,
                "reason_code": error.code,
                "gpus": [],
            }
        return {"available": True, "time": moment, "driver": driver, "cuda": cuda, "gpus": [_gpu(one) for one in found]}

    def gpu_history(call: Call[HistoryQuery, NoBody]) -> GpuHistory:
        """What was measured of the GPUs lately."""
        try:
            moments = gpus.history(call.query.seconds)
        except Unavailable as error:
            return {"available": False, "reason": error.reason, "interval_s": interval, "time": [], "gpus": []}
        tables = [{one.index: one for one in found} for _, (_, _, found) in moments]
        last = {one.index: one for table in tables for one in table.values()}
        return {
            "available": True,
            "interval_s": interval,
            "time": [time for time, _ in moments],
            "gpus": [_columns(one, [table.get(index) for table in tables]) for index, one in sorted(last.items())],
        }

    yield Endpoint("GET", "/api/system", system, answer=System)
    yield Endpoint("GET", "/api/system/history", system_history, answer=SystemHistory, query=HistoryQuery)
    yield Endpoint("GET", "/api/gpu", gpu, answer=GpusNow)
    yield Endpoint("GET", "/api/gpu/history", gpu_history, answer=GpuHistory, query=HistoryQuery)


def _beside(
    moments: list[tuple[float, dict[str, float]]], disk: list[tuple[float, dict[str, float]]]
) -> list[tuple[float, dict[str, float]]]:
    """The moments, each with what the disk, which has a rhythm of its own, was at or lately before it."""
    times = [moment for moment, _ in disk]
    joined = []
    for moment, values in moments:
        at = bisect_right(times, moment) - 1
        holds = at >= 0 and moment - times[at] <= _DISK_HOLDS_S
        joined.append((moment, values | disk[at][1] if holds else values))
    return joined


def _system(moment: float, values: dict[str, float], disk: tuple[float, dict[str, float]] | None) -> System:
    measured, space = disk or (None, {})
    cores = [name for name in values if name.startswith("cpu/core/")]
    return {
        "available": True,
        "host": hostname(),
        "time": moment,
        "cpu": {
            "count": os.cpu_count(),
            "percent": values.get("cpu/util_percent"),
            "cores": [values[name] for name in cores],
            "load_1m": values.get("cpu/load_1m_count"),
        },
        "memory": {
            "total": _total_memory(),
            "used": values.get("memory/used_bytes"),
            "percent": values.get("memory/used_percent"),
            "swap_used": values.get("memory/swap_bytes"),
        },
        "disk": {
            "used": space.get("disk/used_bytes"),
            "free": space.get("disk/free_bytes"),
            "percent": space.get("disk/used_percent"),
            "read": space.get("disk/read_bytes_per_s"),
            "written": space.get("disk/written_bytes_per_s"),
            "age": None if measured is None else max(0.0, round(time() - measured, 3)),
        },
        "net": {"sent": values.get("net/sent_bytes_per_s"), "received": values.get("net/received_bytes_per_s")},
    }


def _total_memory() -> int | None:
    import psutil

    try:
        return int(psutil.virtual_memory().total)
    except (psutil.Error, OSError, RuntimeError):
        return None


def _gpu(gpu: Gpu) -> GpuNow:
    values = asdict(gpu)
    values["processes"] = [{"pid": pid, "bytes": used} for pid, used in gpu.processes.items()]
    return values  # type: ignore[return-value]  # the fields of Gpu are the members of GpuNow


def _columns(gpu: Gpu, moments: list[Gpu | None]) -> GpuColumns:
    about: Any = {"index": gpu.index, "name": gpu.name, "mem_total": gpu.mem_total}
    columns: GpuColumns = about
    about.update({name: [None if one is None else getattr(one, name) for one in moments] for name in _TOLD})
    return columns
