"""Keeping an index up with its root: one look at all runs at a time, on a thread that ends when nobody asks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from runicorn.errors import RunicornError

from .memory import give_back

if TYPE_CHECKING:
    from runicorn.contracts import Store
    from runicorn.model.run import ExperimentRecord, RunRef

    from .database import Database
    from .writer import Writer

_log = logging.getLogger("runicorn.index")
#: Every question has a look at a root of so few runs; at others, where a look takes no longer than this.
_FEW = 500
_QUICK_S = 0.05
#: Of its time, what looking at a large root may take: one part of so many.
_SHARE = 5
#: How long whoever asks first waits for what the index does not hold yet.
_FIRST_S = 2.0
_LATER_S = 0.1
#: Runs whose event files are looked at although nothing tells that they changed: all of them, once in this time.
_ROUND_S = 30.0
#: A look after which freed memory is given back to the system.
_LONG_S = 1.0
#: Runs whose rows are written at a time.
_ROWS = 200


class Following:
    """Thread-safe. What it finds broken is told to ``failed`` and ends it."""

    def __init__(self, files: Store, database: Database, writer: Writer, failed: Callable[[Exception], None]) -> None:
        self._files, self._database, self._writer, self._failed = files, database, writer, failed
        self._condition = threading.Condition()
        self._started = self._ended = 0  # looks
        self._wanted = False
        self._thread: threading.Thread | None = None
        self._last_s = 0.0
        self._last_at = float("-inf")
        self._checked_at = float("-inf")
        self._first_at = float("inf")  # when the first question came
        self._stopping = False
        self.complete = False
        self.read = self.runs = 0

    def refresh(self) -> None:
        """Have a look at the root, and wait for it if it is a quick one."""
        now = time.monotonic()
        with self._condition:
            if self._stopping:
                return
            if self.complete and not self._quick() and now - self._last_at < self._last_s * _SHARE:
                return
            self._first_at = min(self._first_at, now)
            target = self._started + 1
            patience = self._patience()
            self._begin()
            self._condition.wait_for(lambda: self._ended >= target or self._stopping, patience)

    def begin(self) -> None:
        """Have a look at the root, and wait for nothing."""
        with self._condition:
            if not self._stopping:
                self._begin()

    def _begin(self) -> None:
        self._wanted = True
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="runicorn-index", daemon=True)
            self._thread.start()
        self._condition.notify_all()

    def _patience(self) -> float:
        """How long a question waits. While a large root is read for the first time only the first one does; where an
        earlier process has read it, nobody does: what it left is shown at once, as partial."""
        if self.complete:
            return _FIRST_S if self._quick() else 0.0
        if self._started == 0:
            known = self._writer.known
            filled = any(tracked.was_read for tracked in list(known.values())[:1])
            return 0.0 if filled and len(known) > _FEW else _FIRST_S
        return max(_LATER_S, _FIRST_S - (time.monotonic() - self._first_at))

    def _quick(self) -> bool:
        return self.runs <= _FEW or self._last_s <= _QUICK_S

    def wait(self, timeout: float | None = None) -> bool:
        """Until every run has been read once. False when the time is over."""
        self.refresh()
        with self._condition:
            return self._condition.wait_for(lambda: self.complete or self._stopping, timeout) and self.complete

    def stop(self) -> None:
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    # --- The thread

    def _work(self) -> None:
        try:
            while True:
                with self._condition:
                    if not self._condition.wait_for(lambda: self._wanted or self._stopping, 10.0) or self._stopping:
                        self._thread = None
                        return
                    self._wanted = False
                    self._started += 1
                begun = time.monotonic()
                try:
                    self._look()
                except RunicornError as error:  # the root cannot be read now: what was read still stands
                    _log.info("the index cannot follow its root: %s", error)
                if time.monotonic() - begun > _LONG_S:
                    self._database.give_back()
                    give_back()
                with self._condition:
                    self._last_at = time.monotonic()
                    self._last_s = self._last_at - begun
                    self._ended = self._started
                    self._condition.notify_all()
        except Exception as error:  # noqa: BLE001 (whatever it is: the index is made again)
            try:
                self._failed(error)
            finally:
                with self._condition:
                    self._thread = None
                    self._stopping = True
                    self._condition.notify_all()

    def _look(self) -> None:
        records = self._files.list_runs(deleted=None)
        known = self._writer.known
        now = time.monotonic()
        every = now - self._checked_at > _ROUND_S
        changed = [r for r in records if (t := known.get(r.ref.folder)) is None or t.record is not r]
        folders = {record.ref.folder for record in records}
        gone = [folder for folder in list(known) if folder not in folders]
        self.runs = len(records)
        if gone:
            with self._database.writing:
                self._writer.forget([folder for folder in gone if folder in known])
        for begin in range(0, len(changed), _ROWS):
            if self._stopping:
                return
            self._database.give_way()
            with self._database.writing:
                self._writer.describe(changed[begin : begin + _ROWS])
        watched = records if every else [*changed, *(r for r in records if r.status == "running")]
        self._follow(list({r.ref.folder: r for r in watched}.values()))
        if every and not self._stopping:
            self._checked_at = now
            self.complete = True

    def _follow(self, records: Sequence[ExperimentRecord]) -> None:
        refs: list[RunRef] = [record.ref for record in records if record.ref.folder in self._writer.known]
        self.read = len(self._writer.known) - len(refs) if not self.complete else self.runs
        done = 0
        while done < len(refs) and not self._stopping:
            self._database.give_way()
            with self._database.writing:
                rest = [ref for ref in refs[done : done + _ROWS] if ref.folder in self._writer.known]
                taken = self._writer.follow(rest) if rest else 0
            # Those that are gone meanwhile are not waited for.
            done += taken if len(rest) == len(refs[done : done + _ROWS]) else max(1, taken)
            self.read += taken
        self.read = min(self.read, self.runs)
