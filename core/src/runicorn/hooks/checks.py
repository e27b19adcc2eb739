"""``health_checks``: each with two seconds on a thread of its own, so that a hanging one hurts nobody."""

from __future__ import annotations

import threading
from time import perf_counter
from typing import TYPE_CHECKING

import attrs

from ..loader import contained, manager
from .calling import bound

if TYPE_CHECKING:
    import pluggy

    from ..contracts import Check

LIMIT_S = 2.0


def run_health_checks() -> list[Check]:
    """Every plugin's checks, run side by side; returns within two seconds and a little."""
    results: dict[str, list[Check]] = {}
    threads = []
    for impl in manager().implementations("health_checks"):
        thread = threading.Thread(target=_run_one, args=(impl, results), name=f"check-{impl.plugin_name}", daemon=True)
        thread.start()
        threads.append((impl.plugin_name, thread))
    deadline = perf_counter() + LIMIT_S
    for _, thread in threads:
        thread.join(max(0.0, deadline - perf_counter()))
    checks = []
    for plugin, thread in threads:
        checks += list(results.get(plugin, []))
        if thread.is_alive():
            checks.append(_failed(plugin, f"did not answer within {LIMIT_S:g} s", LIMIT_S * 1000))
    return checks


def _run_one(impl: pluggy.HookImpl, results: dict[str, list[Check]]) -> None:
    done: list[Check] = results.setdefault(impl.plugin_name, [])
    began = perf_counter()

    def run_all() -> None:
        nonlocal began
        for check in bound(impl, {})() or ():
            began = perf_counter()
            outcome = check.run()
            done.append(attrs.evolve(outcome, ms=(perf_counter() - began) * 1000))

    try:
        contained(run_all)
    except Exception as error:  # noqa: BLE001 (a plugin may raise anything)
        manager().record_error(impl.plugin_name, "health_checks", error)
        done.append(_failed(impl.plugin_name, f"{type(error).__name__}: {error}", (perf_counter() - began) * 1000))


def _failed(plugin: str, detail: str, ms: float) -> Check:
    from ..contracts import Check

    return Check(plugin, False, detail, ms)
