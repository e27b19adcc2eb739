"""This process and its descendants: data loaders, launchers' children."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from .rates import SHORTEST_S

if TYPE_CHECKING:
    import psutil

_MOST = 512  # processes that are looked at


class ProcessSampler:
    """CPU and memory of a process tree. A process that ends between two samples counts until the last of them."""

    name = "process"

    def __init__(self, interval_s: float, pid: int | None = None) -> None:
        """
        :param pid: the root of the tree; this process by default.
        """
        self.interval_s = interval_s
        self._pid = os.getpid() if pid is None else pid
        self._known: dict[int, psutil.Process] = {}
        self._times: dict[int, float] = {}  # pid -> CPU seconds at the last sample
        self._at = 0.0

    def open(self) -> None:
        self._look()
        self._at = monotonic()

    def sample(self) -> dict[str, float]:
        before, began = dict(self._times), self._at
        rss, threads = self._look()
        found: dict[str, float] = {
            "process/rss_bytes": rss,
            "process/threads_count": threads,
            "process/tree_count": len(self._known),
        }
        now = monotonic()
        if now - began < SHORTEST_S:
            self._times = before  # the span goes on
            return found
        self._at = now
        # A process that is new since the last sample has used all of its time since then.
        used = sum(max(0.0, seconds - before.get(pid, 0.0)) for pid, seconds in self._times.items())
        return {"process/cpu_percent": round(100 * used / (now - began), 2), **found}

    def _look(self) -> tuple[int, int]:
        """Resident bytes and threads of the tree; keeps the CPU time of each process."""
        import psutil

        rss = threads = 0
        known, times = {}, {}
        for pid in tree(self._pid):
            try:
                process = self._known.get(pid) or psutil.Process(pid)
                with process.oneshot():
                    cpu = process.cpu_times()
                    times[pid] = cpu.user + cpu.system
                    rss += process.memory_info().rss
                    threads += process.num_threads()
                known[pid] = process
            except psutil.Error:
                continue  # it has ended, or belongs to somebody else
        self._known, self._times = known, times
        return rss, threads

    def close(self) -> None:
        self._known.clear()


def tree(pid: int) -> list[int]:
    """A process and its descendants, itself first."""
    found: list[int] = []
    waiting = [pid]
    while waiting and len(found) < _MOST:
        current = waiting.pop(0)
        found.append(current)
        waiting += _children(current)
    return found


def _children(pid: int) -> list[int]:
    """Linux tells the children of one process, which costs nothing for the thousands of others on a big host."""
    if not _tells_children():
        return _searched_children(pid)
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            with suppress(FileNotFoundError, ProcessLookupError), open(f"/proc/{pid}/task/{thread}/children") as file:
                found += map(int, file.read().split())
    except OSError:
        pass  # it has ended, or belongs to somebody else
    return found


@cache
def _tells_children() -> bool:
    return Path("/proc/thread-self/children").exists()


def _searched_children(pid: int) -> list[int]:
    import psutil

    try:
        return [child.pid for child in psutil.Process(pid).children()]
    except psutil.Error:
        return []
