"""``register_alert_sinks``: what carries alerts out of a run, each sink on a thread of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from queue import Empty, Full, Queue
from time import monotonic
from typing import TYPE_CHECKING

from ..config import load_config
from ..loader import contained, manager
from ..model.alert import LEVELS
from .calling import Report, each, named

if TYPE_CHECKING:
    from ..contracts import AlertSink, Batch, RunView
    from ..model.alert import Alert
    from ..model.artifact import ArtifactLink

MOST = 100  # alerts that wait for one sink
LATE_S = 5.0  # for all of them, at the end of the process
_IDLE_S = 30.0  # a thread without alerts ends; the next alert starts another
_NAMED = 3  # alerts that are named when they could not be sent
_late: list[_Outlet] = []  # what finish() did not wait for


class AlertSinks:
    """The sinks of one run: an observer of its alerts. Waits for no sink, but at the end for a moment."""

    plugin = "runicorn"
    watching = True

    def __init__(self, run: RunView, report: Report) -> None:
        self._run, self._report = run, report
        self._outlets: list[_Outlet] | None = None
        self._end_s = 0.0  # how long the end of the run waits for them

    def started(self) -> None:
        """Nothing yet: the sinks are asked for at the first alert."""

    def values(self, batch: Batch) -> None:
        """Nothing."""

    def alert(self, alert: Alert) -> None:
        """Hand an alert to every sink that wants its level."""
        if self._outlets is None:
            self._outlets = self._ask()
        for outlet in self._outlets:
            outlet.put(alert)

    def committed(self, artifact: ArtifactLink) -> None:
        """Nobody here is told of artifacts."""

    def ending(self) -> None:
        """Nothing: monitors may still raise alerts."""

    def finished(self, status: str) -> None:  # noqa: ARG002 (as every observer)
        """No alert follows: wait a moment for what is still to be sent, and say what was not.

        It is sent on while the process lives; :func:`await_late` waits for it once more.
        """
        deadline = monotonic() + self._end_s
        for outlet in self._outlets or ():
            if not outlet.finish(deadline):
                _late[:] = [*(late for late in _late if not late.wait(0.0)), outlet]

    def _ask(self) -> list[_Outlet]:
        if not manager().implementations("register_alert_sinks"):
            return []
        try:
            config = load_config()
        except Exception as error:  # noqa: BLE001 (it was readable at init(); without it there are no sinks)
            self._report("runicorn", "alert sinks", error)
            return []
        self._end_s = config.run.alert_timeout
        asked = each("register_alert_sinks", _checked, failed=self._report, run=self._run, config=config)
        return [_Outlet(plugin, sink, self._report) for plugin, sinks in asked for _, sink in sinks]


def await_late() -> None:
    """Wait, for :data:`LATE_S` in all, for alerts of runs that have ended: the process is about to end, too."""
    deadline = monotonic() + LATE_S
    while _late:
        _late.pop().wait(deadline)


class _Outlet:
    """One sink with its queue and its thread."""

    def __init__(self, plugin: str, sink: AlertSink, report: Report) -> None:
        self._plugin, self._sink, self._tell = plugin, sink, report
        self._what = f"alert sink {sink.name}"
        self._process = os.getpid()
        self._waiting: Queue[Alert] = Queue(MOST)
        self._sending: Alert | None = None
        self._lock = threading.Lock()
        self._running = False
        self._ending = False
        self._idle = threading.Event()
        self._idle.set()

    def put(self, alert: Alert) -> None:
        if LEVELS.index(alert.level) < LEVELS.index(self._sink.min_level):
            return
        try:
            self._waiting.put_nowait(alert)
        except Full:
            self._fail(f"{self._what} is behind", RuntimeError(f"more than {MOST} alerts wait; this one is left out"))
            return
        with self._lock:
            self._idle.clear()
            if not self._running:
                try:
                    name = f"runicorn-sink-{self._sink.name}"[:60]
                    threading.Thread(target=self._run, name=name, daemon=True).start()
                    self._running = True
                except RuntimeError as error:  # the system has no more threads, or the interpreter is ending
                    self._fail(self._what, error)

    def finish(self, deadline: float) -> bool:
        """Wait; whether everything was sent in time."""
        self._ending = True
        if self.wait(deadline):
            return True
        with self._waiting.mutex:
            left = [alert for alert in (self._sending, *self._waiting.queue) if alert is not None]
        names = ", ".join(repr(alert.title[:80]) for alert in left[:_NAMED]) + (", ..." if len(left) > _NAMED else "")
        count = f"{len(left)} alert{'s' if len(left) > 1 else ''}"
        self._fail(self._what, TimeoutError(f"{count} not sent when the run ended: {names}"))
        return False

    def wait(self, deadline: float) -> bool:
        """Whether nothing waits any more. In a forked child nothing does: its parent sends."""
        return self._process != os.getpid() or self._idle.wait(max(0.0, deadline - monotonic()))

    def _run(self) -> None:
        while True:
            try:
                alert = self._waiting.get(timeout=0.0 if self._ending else _IDLE_S)
            except Empty:
                with self._lock:
                    if self._waiting.empty():
                        self._running = False
                        self._idle.set()
                        return
                continue
            self._sending = alert
            try:
                contained(lambda alert=alert: self._sink.send(alert))  # type: ignore[misc]
            except Exception as error:  # noqa: BLE001 (a plugin may raise anything)
                self._fail(self._what, error)
            self._sending = None
            with self._lock:
                if self._waiting.empty():
                    self._idle.set()

    def _fail(self, what: str, error: BaseException) -> None:
        manager().record_error(self._plugin, what, error, told=True)
        self._tell(self._plugin, what, error)


def _checked(result: Iterable[AlertSink]) -> list[tuple[str, AlertSink]]:
    pairs = named(result, "min_level", "send")
    for name, sink in pairs:
        if sink.min_level not in LEVELS:
            raise TypeError(f"returned {name!r}, whose min_level {sink.min_level!r} is none of {', '.join(LEVELS)}")
    return pairs
