"""What watches a run while it happens: observers and monitors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import attrs

from ..config import load_config
from ..loader import manager
from .calling import Report, bound, named, tell

if TYPE_CHECKING:
    import pluggy

    from ..contracts import Batch, Monitor, RunView
    from ..model.alert import Alert
    from ..model.artifact import ArtifactLink

STRIKES = 3

#: Hooks for whose sake the values of a run are handed out.
_WATCHING = ("values_logged", "register_monitors", "alert_raised")
_HOOKS = ("run_started", "run_finished", "artifact_committed", *_WATCHING)
_SINKS = "register_alert_sinks"
_Watcher: TypeAlias = "Callable[[Batch], object]"


class Observer(Protocol):
    """What is told of one run, on a thread of its own, one call after the other. Its methods raise nothing."""

    @property
    def plugin(self) -> str: ...

    @property
    def watching(self) -> bool:
        """Whether it wants values or alerts."""

    def started(self) -> None:
        """The run has begun."""

    def values(self, batch: Batch) -> None:
        """What was logged is on disk."""

    def alert(self, alert: Alert) -> None:
        """An alert is on disk."""

    def committed(self, artifact: ArtifactLink) -> None:
        """A version of an artifact is stored."""

    def ending(self) -> None:
        """No sample follows; alerts may."""

    def finished(self, status: str) -> None:
        """Nothing follows."""


def observed() -> bool:
    """Whether anybody wants to be told anything at all."""
    return any(manager().implementations(hook) for hook in (*_HOOKS, _SINKS))


def observers(run: RunView, report: Report) -> Sequence[Observer]:
    """Who watches a run, in the order of plugin names; what sends alerts comes last."""
    found: dict[str, dict[str, pluggy.HookImpl]] = {}
    for hook in _HOOKS:
        for impl in manager().implementations(hook):
            found.setdefault(impl.plugin_name, {})[hook] = impl
    watching: list[Observer] = [RunObserver(plugin, found[plugin], run, report) for plugin in sorted(found)]
    if manager().implementations(_SINKS):
        from .alert_sinks import AlertSinks

        watching.append(AlertSinks(run, report))
    return watching


class RunObserver:
    """One plugin that watches one run, with its monitors."""

    def __init__(self, plugin: str, impls: dict[str, pluggy.HookImpl], run: RunView, report: Report) -> None:
        self.plugin = plugin
        self._impls, self._run, self._report = impls, run, report
        self._watchers: dict[str, _Watcher] = {}  # what it does -> how it is told
        self._monitors: list[Monitor] = []
        self._strikes: dict[str, int] = {}

    @property
    def watching(self) -> bool:
        return any(hook in self._impls for hook in _WATCHING)

    def started(self) -> None:
        """Tell so, and make its monitors."""
        self._tell("run_started", run=self._run)
        if "values_logged" in self._impls:
            impl = self._impls["values_logged"]
            self._watchers["values_logged"] = lambda batch: bound(impl, {"run": self._run, "batch": batch})()
        if "register_monitors" in self._impls:
            tell(self.plugin, "register_monitors", self._report, self._make_monitors)

    def _make_monitors(self) -> None:
        made = bound(self._impls["register_monitors"], {"run": self._run, "config": load_config()})()
        for name, monitor in named(made or (), "observe", "finish"):
            self._monitors.append(monitor)
            self._watchers[f"monitor {name}"] = partial(self._observe, monitor)

    def values(self, batch: Batch) -> None:
        """Hand out what was logged; who fails three times in a row is not called again in this run."""
        for what, watch in list(self._watchers.items()):
            if tell(self.plugin, what, self._report, partial(watch, batch)):
                self._strikes.pop(what, None)
                continue
            strikes = self._strikes[what] = self._strikes.get(what, 0) + 1
            if strikes >= STRIKES:
                del self._watchers[what]
                reason = SwitchedOff(f"switched off after {STRIKES} failures in a row")
                self._report(self.plugin, f"{what} again", reason)

    def alert(self, alert: Alert) -> None:
        self._tell("alert_raised", run=self._run, alert=alert)

    def committed(self, artifact: ArtifactLink) -> None:
        self._tell("artifact_committed", run=self._run, artifact=artifact)

    def ending(self) -> None:
        """No sample follows: let the monitors say what they still have to, before :meth:`finished`."""
        for monitor in self._monitors:
            if f"monitor {monitor.name}" in self._watchers:
                tell(self.plugin, f"end of monitor {monitor.name}", self._report, partial(self._finish, monitor))

    def finished(self, status: str) -> None:
        self._tell("run_finished", run=self._run, status=status)

    def _tell(self, hook: str, **arguments: Any) -> None:
        if hook in self._impls:
            tell(self.plugin, hook, self._report, bound(self._impls[hook], arguments))

    def _observe(self, monitor: Monitor, batch: Batch) -> None:
        self._raise(monitor, monitor.observe(batch))

    def _finish(self, monitor: Monitor) -> None:
        self._raise(monitor, monitor.finish())

    def _raise(self, monitor: Monitor, alerts: Iterable[Alert] | None) -> None:
        for alert in alerts or ():
            self._run.raise_alert(alert if alert.rule else attrs.evolve(alert, rule=monitor.name))


class SwitchedOff(Exception):
    """An observer that failed too often is not called again in this run."""
