"""``register_alert_sinks``: what carries alerts out of a run, each sink on a thread of its own."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable
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
        self._waiting: deque[Alert] = deque()  # the first of them is being sent
        self._changed = threading.Condition()
        self._running = False
        self._ending = False

    def put(self, alert: Alert) -> None:
        if LEVELS.index(alert.level) < LEVELS.index(self._sink.min_level):
            return
        with self._changed:
            full = len(self._waiting) > MOST
            if not full:
                self._waiting.append(alert)
                self._changed.notify_all()
                self._start()
        if full:
            self._fail(f"{self._what} is behind", RuntimeError(f"more than {MOST} alerts wait; this one is left out"))

    def finish(self, deadline: float) -> bool:
        """Wait; whether everything was sent in time."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
            if self.wait(deadline):
                return True
            left = list(self._waiting)
        names = ", ".join(repr(alert.title[:80]) for alert in left[:_NAMED]) + (", ..." if len(left) > _NAMED else "")
        count = f"{len(left)} alert{'s' if len(left) > 1 else ''}"
        self._fail(self._what, TimeoutError(f"{count} not sent when the run ended: {names}"))
        return False

    def wait(self, deadline: float) -> bool:
        """Whether nothing waits any more. In a forked child nothing does: its parent sends."""
        if self._process != os.getpid():
            return True
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting, max(0.0, deadline - monotonic()))

    def _start(self) -> None:
        if self._running:
            return
        name = f"runicorn-sink-{self._sink.name}"[:60]
        try:
            threading.Thread(target=self._run, name=name, daemon=True).start()
            self._running = True
        except RuntimeError as error:  # the system has no more threads, or the interpreter is ending
            self._fail(self._what, error)

    def _run(self) -> None:
        while alert := self._next():
            try:
                contained(lambda alert=alert: self._sink.send(alert))  # type: ignore[misc]
            except Exception as error:  # noqa: BLE001 (a plugin may raise anything)
                self._fail(self._what, error)
            with self._changed:
                self._waiting.popleft()
                self._changed.notify_all()

    def _next(self) -> Alert | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ending, _IDLE_S)
            self._running = bool(self._waiting)
            return self._waiting[0] if self._waiting else None

    def _fail(self, what: str, error: BaseException) -> None:
        manager().record_error(self._plugin, what, error, told=True)
        self._tell(self._plugin, what, error)


def _checked(result: Iterable[AlertSink]) -> list[tuple[str, AlertSink]]:
    pairs = named(result, "min_level", "send")
    for name, sink in pairs:
        if sink.min_level not in LEVELS:
            raise TypeError(f"returned {name!r}, whose min_level {sink.min_level!r} is none of {', '.join(LEVELS)}")
    return pairs
