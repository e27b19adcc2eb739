"""Spools: what a run keeps in the user's state folder while its own folder cannot be written.

A spool is one file of lines with one writer for life. Its first line says whose it is; every other line is an
event record as it would stand in ``events.jsonl``, or ``{"type": "spool", ...}`` with a log line, a document or a
media file. Bringing it home (:mod:`.spool`) turns it into files of the run.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, time

from ..config import state_dir
from ..host import hostname, process_space, process_started
from ..model.run import RunMeta, RunRef
from ..serialize import dumps
from ..types import JSON, JSONObject

_MEMORY = 16 << 20  # bytes of lines kept when not even the spool can be written
_RETRY_S = 1.0
_LOCK_S = 0.5
_AGAIN_S = 0.01


class Spool:
    """The writing end of one spool. When its file cannot be written either, lines wait in memory, up to 16 MiB."""

    def __init__(self, root: Path, meta: RunMeta, ref: RunRef, lost: Callable[[int], None]) -> None:
        self.token = os.urandom(4).hex()
        self._lost = lost
        self._lock = threading.RLock()
        self._had = True  # the lock, when it was wanted last
        self._descriptor: int | None = None
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._retry_at = 0.0
        self._sealed = False
        self.path = state_dir() / f"spool-{self.token}.jsonl"
        self._header = dumps(header(root, meta, ref)) + b"\n"

    def append(self, line: bytes) -> None:
        """Keep one line. It survives SIGKILL when the state folder can be written. Never raises."""
        with self._held():
            if not self._waiting and self._write(line):
                return
            self._waiting.append(line)
            self._waiting_bytes += len(line)
            if monotonic() >= self._retry_at:
                self.flush()
            dropped = 0
            while self._waiting_bytes > _MEMORY:
                self._waiting_bytes -= len(self._waiting.popleft())
                dropped += 1
            if dropped:
                self._lost(dropped)

    def put(self, **fields: JSON) -> None:
        """Keep something that is no event record."""
        self.append(dumps({"ts": time(), "type": "spool", **fields}) + b"\n")

    def flush(self) -> bool:
        """Write what waits in memory; False when that is still impossible."""
        with self._held():
            while self._waiting:
                if not self._write(self._waiting[0]):
                    self._retry_at = monotonic() + _RETRY_S
                    return False
                self._waiting_bytes -= len(self._waiting.popleft())
            return True

    def seal(self) -> None:
        """Nothing is appended afterwards. Lines that found no place anywhere are reported as lost."""
        with self._held():
            if self._sealed:
                return
            self._sealed = True
            if not self.flush():
                self._lost(len(self._waiting))
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    @contextmanager
    def _held(self) -> Iterator[None]:
        # Another thread does not wait for a log() that stands still in here below a signal handler, which waits for
        # that thread: half a second once, and then hardly until the lock can be had again, for the end of a run comes
        # by here ten times. Whole lines of two threads never mix, locked or not.
        held = self._lock.acquire(timeout=_LOCK_S if self._had else _AGAIN_S)
        self._had = held
        try:
            yield
        finally:
            if held:
                self._lock.release()

    def _write(self, line: bytes) -> bool:
        try:
            if self._descriptor is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
                self._descriptor = os.open(self.path, flags, 0o600)
                if not self._write_whole(self._header):
                    os.close(self._descriptor)
                    self._descriptor = None
                    self.path.unlink()
                    return False
            return self._write_whole(line)
        except OSError:
            return False

    def _write_whole(self, line: bytes) -> bool:
        """Write a line entirely or not at all."""
        assert self._descriptor is not None
        before = os.fstat(self._descriptor).st_size
        try:
            written = os.write(self._descriptor, line)
        except OSError:
            return False
        if written != len(line):
            os.ftruncate(self._descriptor, before)
            return False
        return True


def header(root: Path, meta: RunMeta, ref: RunRef) -> JSONObject:
    """The first line: where home is, and which process writes (it is left alone while that process lives)."""
    return {
        "ts": time(),
        "type": "spool",
        "runicorn_spool": 1,
        "root": str(root),
        "folder": ref.folder,
        "id": ref.id,
        "project": ref.project,
        "name": ref.name,
        "created_at": meta.created_at,
        "group": meta.group,
        "job_type": meta.job_type,
        "command": list(meta.command),
        "python": meta.python,
        "platform": meta.platform,
        "host": hostname(),
        "boot_id": process_space(),
        "pid": os.getpid(),
        "pid_started": process_started(os.getpid()),
    }
