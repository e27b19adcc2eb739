"""What watches a run: observers and environment collectors, on background threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ..plugins import manager
from .calling import bound

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
    """The observers of one run. All methods are called on the run's background thread."""

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
            self._call(impl, "run_started", {"run": self._run})

    def values(self, batch: Sequence[Sample]) -> None:
        for impl in list(self._watching):
            if self._call(impl, "values_logged", {"run": self._run, "batch": batch}):
                self._strikes.pop(impl.plugin_name, None)
                continue
            strikes = self._strikes[impl.plugin_name] = self._strikes.get(impl.plugin_name, 0) + 1
            if strikes >= STRIKES:
                self._watching.remove(impl)
                self._report(impl.plugin_name, "values_logged", SwitchedOff(f"switched off after {STRIKES} failures"))

    def finished(self, status: str) -> None:
        for impl in manager().implementations("run_finished"):
            self._call(impl, "run_finished", {"run": self._run, "status": status})

    def _call(self, impl: pluggy.HookImpl, hook: str, arguments: dict[str, Any]) -> bool:
        try:
            bound(impl, arguments)()
        except Exception as error:  # noqa: BLE001 (a plugin may raise anything)
            manager().record_error(impl.plugin_name, hook, error)
            self._report(impl.plugin_name, hook, error)
            return False
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
            found[impl.plugin_name] = bound(impl, {"run": run})()
        except Exception as error:  # noqa: BLE001 (a plugin may raise anything)
            failed[impl.plugin_name] = error

    asked = []
    for impl in manager().implementations("collect_environment"):
        thread = threading.Thread(target=ask, args=(impl,), name=f"environment-{impl.plugin_name}", daemon=True)
        thread.start()
        asked.append((impl.plugin_name, thread))
    for plugin, thread in asked:
        thread.join(ENVIRONMENT_LIMIT_S)
        if thread.is_alive():
            failed[plugin] = TimeoutError(f"took longer than {ENVIRONMENT_LIMIT_S:g} s")
    for plugin, error in failed.items():
        manager().record_error(plugin, "collect_environment", error)
        report(plugin, "collect_environment", error)
    return {plugin: value for plugin, value in found.items() if plugin not in failed and value is not None}
