"""Who this process is, and whether another one still lives.

A process id alone proves nothing: it is reused, two hosts may share a name, and a container has ids of its own. A
process is identified by host name, process space, process id and its start time together.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

_OF_THE_MACHINE = "pid:[4026531836]"  # the first space of process ids, whose number Linux has fixed


@cache
def hostname() -> str:
    if sys.platform != "win32":
        return os.uname().nodename  # what socket.gethostname() says, without the 2 ms of importing it
    import socket

    return socket.gethostname()


@cache
def boot_id() -> str:
    """An identifier that changes at each boot of this machine (or container host); "" where none is known."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


@cache
def process_space() -> str:
    """Where process ids mean the same processes as here: the boot id, and the container where that has ids of its own
    (it may have the machine's name, as with ``docker run --network host``); "" where none is known."""
    boot = boot_id()
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return boot
    return boot if not boot or space == _OF_THE_MACHINE else f"{boot} {space}"


def process_started(pid: int) -> float | None:
    """When a process of this machine started, in a unit of the platform that only equality is defined on.

    :returns: None where the process does not exist or the platform does not tell.
    """
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        fields = stat[stat.rindex(")") + 2 :].split()  # the name may hold spaces and parentheses
        return None if fields[0] in "ZX" else float(fields[19])
    return None


def process_alive(pid: int, started: float | None) -> bool | None:
    """Whether that process of this machine still lives; None where the platform does not tell."""
    if sys.platform == "linux":
        now = process_started(pid)
        return now is not None and (started is None or now == started)
    if sys.platform == "win32":
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return None if started is not None else True
