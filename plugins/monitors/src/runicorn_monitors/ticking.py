"""Time, for monitors that wait for what does not come."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from runicorn.contracts import Batch, RunView
    from runicorn.model.alert import Alert

TICK_S = 5.0  # at most; rules of a few seconds are looked at more often
_LEAST_S = 0.25


class Timed(Protocol):
    """A monitor that time passing concerns, too. ``tick`` is called on another thread than ``observe``."""

    def tick(self) -> list[Alert]: ...


class Ticker:
    """Asks the timed monitors of one run every few seconds, from the first value on. It is a monitor itself, so as to
    begin and end with the run."""

    name = "time"

    def __init__(
        self,
        run: Callable[[], RunView | None],
        monitors: Sequence[Timed],
        shortest: Callable[[], float] = lambda: math.inf,
    ) -> None:
        """
        :param run: the run, or None when nobody holds it any more.
        :param shortest: seconds that the most impatient of the monitors waits.
        """
        self._run, self._monitors, self._shortest = run, monitors, shortest
        self._stop = threading.Event()
        self._begun = threading.Lock()  # taken once

    def begin(self) -> None:
        """Start the thread, unless it was started. Any thread."""
        if self._begun.acquire(blocking=False):
            threading.Thread(target=self._tick, name="runicorn-monitors", daemon=True).start()

    def observe(self, batch: Batch) -> list[Alert]:
        if batch:
            self.begin()
        return []

    def finish(self) -> list[Alert]:
        self._stop.set()
        return []

    def _tick(self) -> None:
        while not self._stop.wait(max(_LEAST_S, min(TICK_S, self._shortest() / 4))):
            run = self._run()
            if run is None:
                return
            for monitor in self._monitors:
                for alert in monitor.tick():
                    run.raise_alert(alert)
