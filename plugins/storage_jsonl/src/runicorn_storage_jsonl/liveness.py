"""Whether a run that says ``running`` still runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from runicorn.host import hostname, process_alive, process_space
from runicorn.serialize import loads, number

from .documents import load

#: A process beats every 10 s; after this long without one it is taken for dead.
SILENCE_S = 45.0
#: Older versions had no heartbeat: what they logged is all there is to go by.
OLDER_SILENCE_S = 3600.0


class SignsOfLife(NamedTuple):
    """What the files of an unfinished run say."""

    since: float  # the run's own start: time enough for the first heartbeat
    writers: tuple[Mapping[str, Any], ...]
    older: bool
    hostname: str
    pid: int | None

    @property
    def heartbeat_at(self) -> float | None:
        beats = [beat for writer in self.writers if (beat := number(writer.get("heartbeat_at"))) is not None]
        return max(beats, default=None)

    def running(self, now: float) -> bool:
        if self.older:
            if self.hostname == hostname() and self.pid is not None and process_alive(self.pid, None) is False:
                return False
            return now - self.since < OLDER_SILENCE_S
        if not self.writers:
            return now - self.since < SILENCE_S
        return any(_lives(writer, now) for writer in self.writers)


def _lives(writer: Mapping[str, Any], now: float) -> bool:
    if writer.get("ended_at") is not None or now - (number(writer.get("heartbeat_at")) or 0.0) >= SILENCE_S:
        return False
    pid = writer.get("pid")
    here = writer.get("host") == hostname() and process_space() and writer.get("boot_id") == process_space()
    if not here or not isinstance(pid, int):
        return True
    return process_alive(pid, number(writer.get("pid_started"))) is not False


def read_writers(path: str) -> tuple[Mapping[str, Any], ...]:
    """The heartbeats of a run folder."""
    folder = f"{path}{os.sep}writers"
    try:
        names = os.listdir(folder)  # noqa: PTH208 (a Path per run costs more than the call)
    except OSError:
        return ()
    loaded = (load(f"{folder}{os.sep}{name}") for name in names if name.endswith(".json") and name[0] != ".")
    return tuple(writer for writer in loaded if writer)


def last_logged(path: str) -> float:
    """When an older run logged last, from the end of its event file; 0 when that does not tell."""
    try:
        with open(f"{path}{os.sep}events.jsonl", "rb", buffering=0) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - (1 << 16)))
            lines = file.read(1 << 16).splitlines()
    except OSError:
        return 0.0
    for line in reversed(lines):
        record = _object(line)
        ts = number(record.get("ts"))
        if ts is not None:
            return ts
    return 0.0


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        record = loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, Mapping) else {}
