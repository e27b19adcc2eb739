"""What watches a run: observers and environment collectors, on background threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

from ..plugins import contained, manager
from ..serialize import dumps, loads
from .calling import bound, observe

if TYPE_CHECKING:
    import pluggy

    from ..contracts import RunView
    from ..model.metric import Sample
    from ..types import JSON

#: Told of everything that went wrong: (plugin, what, error).
Report: TypeAlias = Callable[[str, str, BaseException], None]

STRIKES = 3
ENVIRONMENT_LIMIT_S = 5.0


class RunObservers:
    """The observers of one run. All methods are called on the run's background thread; none of them raises."""

    def __init__(self, run: RunView, report: Report) -> None:
        self._run, self._report = run, report
        self._watching = manager().implementations("values_logged")
        self._strikes: dict[str, int] = {}

    @property
    def watching(self) -> bool:
        """Whether anybody wants values; when not, none are queued for them."""
        return bool(self._watching)

    def started(self) -> None:
        for impl in manager().implementations("run_started"):
            observe(impl, "run_started", self._report, run=self._run)

    def values(self, batch: Sequence[Sample]) -> None:
        for impl in list(self._watching):
            if observe(impl, "values_logged", self._report, run=self._run, batch=batch):
                self._strikes.pop(impl.plugin_name, None)
            elif self._struck_out(impl.plugin_name, "values_logged"):
                self._watching.remove(impl)

    def finished(self, status: str) -> None:
        for impl in manager().implementations("run_finished"):
            observe(impl, "run_finished", self._report, run=self._run, status=status)

    def _struck_out(self, plugin: str, what: str) -> bool:
        strikes = self._strikes[plugin] = self._strikes.get(plugin, 0) + 1
        if strikes < STRIKES:
            return False
        self._report(plugin, f"{what} again", SwitchedOff(f"switched off after {STRIKES} failures in a row"))
        return True


class SwitchedOff(Exception):
    """An observer that failed too often is not called again in this run."""


def collect_environment(run: RunView, report: Report) -> dict[str, JSON]:
    """Ask every collector, each on a thread of its own with five seconds; late or failing ones are reported.

    :returns: plugin name -> its JSON object.
    """
    found: dict[str, JSON] = {}
    failed: dict[str, BaseException] = {}

    def ask(impl: pluggy.HookImpl) -> None:
        try:
            value = contained(bound(impl, {"run": run}))
            if value is not None:
                # What JSON cannot carry counts against the plugin here, not against the storage later.
                found[impl.plugin_name] = loads(dumps(value))
        except Exception as error:  # noqa: BLE001 (a plugin may raise anything)
            failed[impl.plugin_name] = error

    asked = []
    for impl in manager().implementations("collect_environment"):
        thread = threading.Thread(target=ask, args=(impl,), name=f"environment-{impl.plugin_name}", daemon=True)
        thread.start()
        asked.append((impl.plugin_name, thread))
    deadline = monotonic() + ENVIRONMENT_LIMIT_S  # they run side by side: one wait for all
    for plugin, thread in asked:
        thread.join(max(0.0, deadline - monotonic()))
        if thread.is_alive():
            failed[plugin] = TimeoutError(f"took longer than {ENVIRONMENT_LIMIT_S:g} s")
    for plugin, error in failed.items():
        manager().record_error(plugin, "collect_environment", error, told=True)
        report(plugin, "collect_environment", error)
    return {plugin: value for plugin, value in dict(found).items() if plugin not in failed}
