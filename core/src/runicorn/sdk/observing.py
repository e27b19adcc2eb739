"""The thread on which plugins watch a run."""

from __future__ import annotations

import threading
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..serialize import loads, number

if TYPE_CHECKING:
    from ..hooks import RunObservers
    from ..model.metric import Sample

BATCH = 4096  # samples
BATCH_S = 0.1
_START_AFTER_S = 0.02  # init() has the interpreter for itself until it returns
_REST = 10  # times as long as the observers worked, while more is waiting: the training has the interpreter mostly


class Observing:
    """Hands what was logged to the observers. A slow observer loses the oldest records, and they are counted."""

    def __init__(self, observers: RunObservers, queue: deque[bytes]) -> None:
        """
        :param queue: lines as they were written; bounded, ``log()`` appends to it.
        """
        self._observers, self._queue = observers, queue
        self.taken = 0  # records
        self._stop = threading.Event()
        self._status = "finished"
        self._thread = threading.Thread(target=self._run, name="runicorn-observers", daemon=True)
        self._thread.start()

    def stop(self, status: str, deadline: float) -> bool:
        """Hand out what is left, tell the observers of the end; False when that did not end in time.

        :param deadline: on ``time.monotonic()``'s clock.
        """
        self._status = status
        self._stop.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(max(0.0, deadline - monotonic()))
        return not self._thread.is_alive()

    def _run(self) -> None:
        self._stop.wait(_START_AFTER_S)
        self._observers.started()
        pause = BATCH_S
        while not self._stop.wait(pause):
            began = monotonic()
            self._hand_out()
            pause = (monotonic() - began) * _REST if self._queue else BATCH_S
        self._hand_out_all()
        self._observers.ending()
        self._hand_out_all()  # alerts of monitors, raised at the end
        self._observers.finished(self._status)

    def _hand_out_all(self) -> None:
        while self._queue:
            self._hand_out()

    def _hand_out(self) -> None:
        batch: list[Sample] = []
        while self._queue and len(batch) < BATCH:
            try:
                line = self._queue.popleft()
            except IndexError:  # log() made room by dropping it
                break
            self.taken += 1
            record = loads(line)
            if record["type"] == "alert":
                self._hand_out_alert(batch, record)
                batch = []
            else:
                batch += samples(record)
        if batch:
            self._observers.values(batch)

    def _hand_out_alert(self, before: list[Sample], record: dict[str, Any]) -> None:
        from .alerts import alert_of

        if before:
            self._observers.values(before)
        self._observers.alert(alert_of(record))


def samples(record: dict[str, Any]) -> list[Sample]:
    """The numbers of one metrics record."""
    from ..model.metric import Sample

    step, ts, stage = record["step"], record["ts"], record.get("stage")
    found = ((key, number(value)) for key, value in record["data"].items())
    return [Sample(key, value, step, ts, stage) for key, value in found if value is not None]
