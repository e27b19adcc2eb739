"""How the other machine is doing: one look with what every system has, no Python needed over there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from ..connection import SSHConnection

#: For ``sh -s``. Each part begins with a line of its own; what a system lacks stays empty.
_SCRIPT = rb"""
part() { echo "=== $1"; }
part system; uname -sr 2>/dev/null; hostname 2>/dev/null
part cpus; getconf _NPROCESSORS_ONLN 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null
part load; cat /proc/loadavg 2>/dev/null || sysctl -n vm.loadavg 2>/dev/null
part stat; head -n 1 /proc/stat 2>/dev/null; sleep 0.3; head -n 1 /proc/stat 2>/dev/null
part memory; cat /proc/meminfo 2>/dev/null | head -n 5; sysctl -n hw.memsize 2>/dev/null
part disk; df -Pk "$HOME" 2>/dev/null | tail -n 1
part gpu; nvidia-smi --query-gpu=index,name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw \
  --format=csv,noheader,nounits 2>/dev/null
part uptime; cat /proc/uptime 2>/dev/null
"""


@frozen
class RemoteGpu:
    """One GPU; what the driver does not tell is None."""

    index: int
    name: str
    util: float | None  # percent
    mem_used: int | None  # bytes
    mem_total: int | None
    temp_c: float | None
    power_w: float | None


@frozen
class MachineStatus:
    """One moment. What the system does not tell is None."""

    system: str
    hostname: str
    cpus: int | None
    load: tuple[float, ...]  # 1, 5 and 15 minutes
    cpu: float | None  # percent of all
    mem_total: int | None  # bytes
    mem_available: int | None
    disk_total: int | None  # bytes, of the file system of the home folder
    disk_free: int | None
    gpus: tuple[RemoteGpu, ...]
    uptime_s: float | None


async def look(connection: SSHConnection) -> MachineStatus:
    """
    :raises RemoteError: it cannot be asked now.
    """
    done = await connection.run(["sh", "-s"], input=_SCRIPT, timeout_s=15)
    return parse(done.stdout.decode("utf-8", "replace"))


def parse(text: str) -> MachineStatus:
    """What the script printed; lines that are not understood are left out."""
    parts: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("=== "):
            current = parts.setdefault(line[4:].strip(), [])
        elif line.strip():
            current.append(line.strip())

    def first(part: str, place: int = 0) -> str:
        lines = parts.get(part, [])
        return lines[place] if place < len(lines) else ""

    load = tuple(v for v in map(_number, first("load").strip("{} ").split()[:3]) if v is not None)
    memory = {line.partition(":")[0]: line.partition(":")[2].split() for line in parts.get("memory", [])}
    total, available = _kib(memory.get("MemTotal")), _kib(memory.get("MemAvailable"))
    if total is None and first("memory").isdigit():
        total = int(first("memory"))
    disk = first("disk").split()
    sizes = disk[-5:] if len(disk) >= 6 else []
    uptime = _number(first("uptime").split()[0]) if first("uptime") else None
    cpus = first("cpus")
    return MachineStatus(
        system=first("system"),
        hostname=first("system", 1),
        cpus=int(cpus) if cpus.isdigit() else None,
        load=load,
        cpu=_busy(parts.get("stat", [])),
        mem_total=total,
        mem_available=available,
        disk_total=_kib(sizes[0:1]),
        disk_free=_kib(sizes[2:3]),
        gpus=tuple(gpu for gpu in map(_gpu, parts.get("gpu", [])) if gpu is not None),
        uptime_s=uptime,
    )


def _busy(lines: list[str]) -> float | None:
    """Percent between two readings of the first line of /proc/stat: user nice system idle iowait ..."""
    if len(lines) < 2:
        return None
    try:
        before, after = ([int(v) for v in line.split()[1:9]] for line in lines[:2])
    except ValueError:
        return None
    spent = [b - a for a, b in zip(before, after, strict=False)]
    whole = sum(spent)
    return None if len(spent) < 5 or whole <= 0 else max(0.0, 100 * (1 - (spent[3] + spent[4]) / whole))


def _gpu(line: str) -> RemoteGpu | None:
    fields = [part.strip() for part in line.split(",")]
    if len(fields) != 7 or not fields[0].isdigit():
        return None
    util, used, total, temp, power = map(_number, fields[2:])
    return RemoteGpu(int(fields[0]), fields[1], util, _mib(used), _mib(total), temp, power)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _mib(value: float | None) -> int | None:
    return None if value is None else int(value) << 20


def _kib(words: list[str] | None) -> int | None:
    return int(words[0]) << 10 if words and words[0].isdigit() else None
