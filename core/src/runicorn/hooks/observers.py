"""What watches a run while it happens: observers and monitors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ..config import load_config
from ..loader import manager
from .alert_sinks import AlertSinks
from .calling import Report, bound, each, named, tell

if TYPE_CHECKING:
    from ..contracts import Monitor, RunView
    from ..model.alert import Alert
    from ..model.metric import Sample

STRIKES = 3

#: Takes a batch of samples.
_Watcher: TypeAlias = "Callable[[Sequence[Sample]], object]"
#: Hooks for whose sake the values of a run are handed out.
_WATCHING = ("values_logged", "register_monitors", "alert_raised", "register_alert_sinks")


class RunObservers:
    """The observers and monitors of one run. All methods but the properties are called on the run's background thread;
    none of them raises."""

    def __init__(self, run: RunView, report: Report) -> None:
        self._run, self._report = run, report
        self._watchers: dict[tuple[str, str], _Watcher] = {}  # (plugin, what it does) -> how it is told
        self._monitors: list[tuple[str, Monitor]] = []
        self._strikes: dict[tuple[str, str], int] = {}
        self._sinks = AlertSinks(run, report)

    @staticmethod
    def wanted() -> bool:
        """Whether anybody wants to be told anything at all."""
        return any(manager().implementations(hook) for hook in ("run_started", "run_finished", *_WATCHING))

    @property
    def watching(self) -> bool:
        """Whether anybody wants values or alerts; when not, none are queued for them."""
        return any(manager().implementations(hook) for hook in _WATCHING)

    def started(self) -> None:
        """The run has begun: tell so, and make its monitors."""
        self._tell("run_started", run=self._run)
        for impl in manager().implementations("values_logged"):

            def watch(batch: Sequence[Sample], impl: object = impl) -> object:
                return bound(impl, {"run": self._run, "batch": batch})()  # type: ignore[arg-type]  # pluggy's own class

            self._watchers[impl.plugin_name, "values_logged"] = watch
        try:
            config = load_config()
        except Exception as error:  # noqa: BLE001 (it was readable at init(); without it there are no monitors)
            self._report("runicorn", "monitors", error)
            return
        asked = each("register_monitors", _checked, failed=self._report, run=self._run, config=config)
        for plugin, monitors in asked:
            for name, monitor in monitors:
                self._monitors.append((plugin, monitor))
                self._watchers[plugin, f"monitor {name}"] = partial(self._observe, monitor)

    def values(self, batch: Sequence[Sample]) -> None:
        """Hand out what was logged; who fails three times in a row is not called again in this run."""
        for (plugin, what), watch in list(self._watchers.items()):
            if tell(plugin, what, self._report, partial(watch, batch)):
                self._strikes.pop((plugin, what), None)
                continue
            strikes = self._strikes[plugin, what] = self._strikes.get((plugin, what), 0) + 1
            if strikes >= STRIKES:
                del self._watchers[plugin, what]
                self._report(plugin, f"{what} again", SwitchedOff(f"switched off after {STRIKES} failures in a row"))

    def alert(self, alert: Alert) -> None:
        """An alert is on disk: tell so."""
        self._tell("alert_raised", run=self._run, alert=alert)
        self._sinks.put(alert)

    def ending(self) -> None:
        """No sample follows: let the monitors say what they still have to, before :meth:`finished`."""
        for plugin, monitor in self._monitors:
            if (plugin, f"monitor {monitor.name}") in self._watchers:
                tell(plugin, f"end of monitor {monitor.name}", self._report, partial(self._finish, monitor))

    def finished(self, status: str) -> None:
        self._tell("run_finished", run=self._run, status=status)
        self._sinks.finish()

    def _tell(self, hook: str, **arguments: object) -> None:
        for impl in manager().implementations(hook):
            tell(impl.plugin_name, hook, self._report, bound(impl, arguments))

    def _observe(self, monitor: Monitor, batch: Sequence[Sample]) -> None:
        self._raise(monitor, monitor.observe(batch))

    def _finish(self, monitor: Monitor) -> None:
        self._raise(monitor, monitor.finish())

    def _raise(self, monitor: Monitor, alerts: Iterable[Alert] | None) -> None:
        for alert in alerts or ():
            self._run.raise_alert(alert if alert.rule else attrs.evolve(alert, rule=monitor.name))


def _checked(result: Iterable[Monitor]) -> list[tuple[str, Monitor]]:
    return named(result, "observe", "finish")


class SwitchedOff(Exception):
    """An observer that failed too often is not called again in this run."""
