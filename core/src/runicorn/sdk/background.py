"""The thread that keeps a run: heartbeat, sync, documents, the way back from an outage."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from time import monotonic, sleep, time
from typing import TYPE_CHECKING

from .ending import wake_main_thread

if TYPE_CHECKING:
    from .documents import Documents
    from .writing import Writing

BEAT_S = 10.0
SYNC_S = 1.0
SETTLE_S = 0.05  # changes of documents within this time make one write ...
DOCUMENTS_S = 1.0  # ... and there is at most one per second
RETRY_S = 2.0  # until the first try to come back from an outage; then twice as long each time
RETRY_MOST_S = 60.0


class Keeper:
    """One per run and process. Of plugins only the storage runs on its thread."""

    def __init__(
        self,
        writing: Writing,
        documents: Documents,
        beat: Callable[[float | None], None],
        ended: Callable[[], None],
        late: Callable[[bytes], None],
    ) -> None:
        """
        :param beat: writes the heartbeat; its argument is the time of the end, if this is the last one.
        :param ended: called after the last heartbeat; the documents are written once more if it changes one.
        :param late: gets what is recorded after the end.
        """
        self._writing, self._documents, self._beat = writing, documents, beat
        self._at_end, self._late = ended, late
        self.forked()

    def forked(self) -> None:
        """No thread lives on in a forked child."""
        # SimpleQueue.put may be interrupted by a signal handler that puts too; the lock of an Event may not.
        self._wakes: SimpleQueue[None] = SimpleQueue()
        self._awake = False  # a wake-up is on its way
        self._ends: SimpleQueue[None] = SimpleQueue()
        self._ended = False
        self._stopping = False
        self._retry_at, self._retry_s = 0.0, RETRY_S
        self.started = False  # as far as that was possible
        self._thread: threading.Thread | None = None

    def beat(self) -> None:
        """Write the first heartbeat now: the run counts as running from here on. Never raises."""
        self._try_beat(None)

    def start(self) -> None:
        """:raises RuntimeError: the system has no more threads, or the interpreter is ending."""
        self.started = True
        thread = threading.Thread(target=self._run, name="runicorn-keeper", daemon=True)
        thread.start()
        self._thread = thread

    def wake(self) -> None:
        """A document has changed. Any thread, and signal handlers."""
        if not self._awake:
            self._awake = True
            self._wakes.put(None)

    def stop(self, deadline: float) -> bool:
        """Write everything a last time and end.

        :param deadline: on ``time.monotonic()``'s clock.
        :returns: False when that did not end in time: the storage hangs.
        """
        self._stopping = True
        self._wakes.put(None)
        if self._thread is None:
            self._end()
        self.wait(deadline)
        return self._ended

    def wait(self, deadline: float) -> None:
        """Wait for an end that somebody else has asked for; at once from this thread itself."""
        if self._thread is None or threading.current_thread() is self._thread or self._ended:
            return
        try:
            self._ends.get(timeout=min(max(0.0, deadline - monotonic()), threading.TIMEOUT_MAX))
        except Empty:
            return
        self._ends.put(None)  # for the next one who waits

    def _run(self) -> None:
        beat_at, sync_at, documents_at = monotonic() + BEAT_S, monotonic() + SYNC_S, 0.0
        while not self._stopping:
            changed_at = documents_at if self._documents.changed else sync_at
            if self._woken(max(0.0, min(beat_at, sync_at, changed_at) - monotonic())) and not self._stopping:
                sleep(SETTLE_S)
            now = monotonic()
            if self._stopping:
                break
            if self._documents.changed and now >= documents_at:
                self._try(self._documents.write)
                documents_at = now + DOCUMENTS_S
            if now >= sync_at:
                self._sync()
                sync_at = now + SYNC_S
            if now >= beat_at:
                self._try_beat(None)
                self._documents.touch_all()  # two processes may have written one in the same instant
                beat_at = now + BEAT_S
            self._writing.salvage()
            self._try(self._return, now)
            self._try(wake_main_thread)
        self._end()

    def _woken(self, timeout_s: float) -> bool:
        try:
            self._wakes.get(timeout=timeout_s)
        except Empty:
            return False
        self._awake = False  # before anybody looks at what has changed
        return True

    def _return(self, now: float) -> None:
        if not self._writing.away:
            self._retry_at, self._retry_s = 0.0, RETRY_S
        elif not self._retry_at:
            self._retry_at = now + self._retry_s
        elif now >= self._retry_at:
            if self._writing.come_home():
                self._documents.touch_all()
                self._try_beat(None)
            self._retry_s = min(RETRY_MOST_S, self._retry_s * 2)
            self._retry_at = monotonic() + self._retry_s

    def _go_home(self) -> None:
        if self._writing.away:
            self._writing.come_home()

    def _try(self, step: Callable[..., None], *arguments: object) -> None:
        """Nothing ends this thread: without it there is no heartbeat, and no way back from an outage."""
        try:
            step(*arguments)
        except Exception as error:  # noqa: BLE001 (the next step has its own chance)
            self._writing.report("the background thread", error)

    def _sync(self) -> None:
        try:
            self._writing.sync()
        except Exception as error:  # noqa: BLE001 (whatever the storage raises: on to the spool)
            self._writing.interrupt(error)

    def _try_beat(self, ended_at: float | None) -> None:
        try:
            self._beat(ended_at)
        except Exception as error:  # noqa: BLE001 (whatever the storage raises: on to the spool)
            self._writing.interrupt(error)

    def _end(self) -> None:
        try:
            self._try(self._go_home)
            self._documents.touch_all()
            self._try(self._documents.write)
            self._sync()
            self._try(self._documents.write)  # what the last sync had to report
            self._try_beat(time())
            self._try(self._at_end)
            self._try(self._documents.write)
            self._writing.salvage()
            self._try(self._go_home)
            self._try(self._go_home)  # the second half of the spool
            self._try(self._writing.close, self._late)
        finally:
            self._ended = True
            self._ends.put(None)
