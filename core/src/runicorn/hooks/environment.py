"""``collect_environment``: what a run ran on, asked side by side on background threads."""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING

from ..loader import contained, manager
from ..serialize import dumps, loads
from .calling import Report, bound

if TYPE_CHECKING:
    import pluggy

    from ..contracts import RunView
    from ..types import JSON

LIMIT_S = 5.0


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
    deadline = monotonic() + LIMIT_S  # they run side by side: one wait for all
    for plugin, thread in asked:
        thread.join(max(0.0, deadline - monotonic()))
        if thread.is_alive():
            failed[plugin] = TimeoutError(f"took longer than {LIMIT_S:g} s")
    for plugin, error in failed.items():
        manager().record_error(plugin, "collect_environment", error, told=True)
        report(plugin, "collect_environment", error)
    return {plugin: value for plugin, value in dict(found).items() if plugin not in failed}
