"""Runicorn: a local-first experiment tracker, built as a plugin framework.

Importing this loads nothing else; names come when they are used. ``dir(runicorn)`` shows them all, those of plugins
(``runicorn.Image``) included.
"""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False  # type checkers take it for true; importing ``typing`` for it would cost 3 ms
if TYPE_CHECKING:
    from typing import Any

    from .config import get_user_root_dir
    from .hooks.installed import plugins
    from .managing import ExperimentManager
    from .sdk.active import finish, get_active_run, log, log_text, set_primary_metric, summary
    from .sdk.run import Run
    from .sdk.start import enabled, init, set_enabled

__all__ = [
    "ExperimentManager",
    "Run",
    "enabled",
    "finish",
    "get_active_run",
    "get_user_root_dir",
    "init",
    "log",
    "log_text",
    "plugins",
    "set_enabled",
    "set_primary_metric",
    "summary",
]

_HOMES = {
    "ExperimentManager": "managing",
    "Run": "sdk.run",
    "enabled": "sdk.start",
    "finish": "sdk.active",
    "get_active_run": "sdk.active",
    "get_user_root_dir": "config",
    "init": "sdk.start",
    "log": "sdk.active",
    "log_text": "sdk.active",
    "plugins": "hooks.installed",
    "set_enabled": "sdk.start",
    "set_primary_metric": "sdk.active",
    "summary": "sdk.active",
}


def __getattr__(name: str) -> Any:
    """Core's names at first use, then those that plugins add: ``Image``, and ``log_image`` for the active run.

    :raises AttributeError: neither core nor an active plugin provides it.
    :raises PluginError: the plugin that provides it is broken.
    """
    from importlib import import_module

    if name in _HOMES:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    else:
        value = _from_plugins(name)
    globals()[name] = value
    return value


def _from_plugins(name: str) -> Any:
    from importlib.util import find_spec

    # ``from runicorn import hooks`` asks here first: a module of ours must not load plugins.
    if name.startswith("_") or find_spec(f"{__name__}.{name}") is not None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .hooks import api_names, lookup_api

    known = api_names()
    if name not in known and f"Run.{name}" in known:
        from .sdk.active import on_active_run

        return on_active_run(name)
    return lookup_api(name)


def __dir__() -> list[str]:
    from .hooks import api_names

    return sorted({*__all__, "__version__", *(name.removeprefix("Run.") for name in api_names())})
