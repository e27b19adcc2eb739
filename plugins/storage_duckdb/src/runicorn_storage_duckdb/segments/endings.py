"""Whether a run is over, so that nobody will write into its files any more."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from runicorn.contracts import RunReader
from runicorn.host import hostname, process_alive, process_space
from runicorn.serialize import number, read_object

#: A process that cannot be looked at (another machine's) is taken for dead after this long without a heartbeat.
SILENCE_S = 3600.0


def why_not(reader: RunReader) -> str | None:
    """Why a run must stay as it is, as the end of a sentence about it; None when it is over."""
    record = reader.record
    if record.format != "runicorn":
        return "was written by an older Runicorn; bring it over with: runicorn storage migrate"
    if record.status == "running":
        return "is still running"
    writers = [read_object(path) for path in sorted((reader.folder / "writers").glob("[!.]*.json"))]
    for writer in writers:
        if _lives(writer):
            return f"is open in process {writer.get('pid')} on {writer.get('host')}"
    if not writers and record.status == "crashed" and time.time() - record.created_at < SILENCE_S:
        return "has no heartbeat and was begun less than an hour ago"
    return None


def _lives(writer: Mapping[str, Any]) -> bool:
    if not writer or writer.get("ended_at") is not None:
        return False
    pid = writer.get("pid")
    here = writer.get("host") == hostname() and process_space() and writer.get("boot_id") == process_space()
    alive = process_alive(pid, number(writer.get("pid_started"))) if here and isinstance(pid, int) else None
    if alive is not None:
        return alive
    return time.time() - (number(writer.get("heartbeat_at")) or 0.0) < SILENCE_S
