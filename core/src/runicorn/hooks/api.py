"""``register_api``: names for ``runicorn`` and methods for ``Run``."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..errors import PluginError
from ..plugins import Manager, manager
from .calling import by_name, each

_known: tuple[Manager, dict[str, tuple[str, str]]] | None = None


def _targets() -> dict[str, tuple[str, str]]:
    global _known
    current = manager()
    if _known is None or _known[0] is not current:
        offers = [(plugin, n, (plugin, t)) for plugin, names in each("register_api") for n, t in names.items()]
        _known = (current, by_name("API name", offers))
    return _known[1]


def api_names() -> list[str]:
    """Every name that plugins add: ``Image``, ``Run.log_image``."""
    return sorted(_targets())


def lookup_api(name: str) -> Any:
    """The object behind a name.

    :param name: ``Image`` for ``rn.Image``, ``Run.log_image`` for a method.
    :raises AttributeError: no active plugin provides it.
    :raises PluginError: the plugin that provides it could not be imported.
    """
    target = _targets().get(name)
    if target is None:
        raise AttributeError(f"no active plugin provides {name!r}; see: runicorn plugins list --check")
    plugin, place = target
    module, _, attribute = place.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except Exception as error:
        raise PluginError(plugin, f"providing {name}", f"{type(error).__name__}: {error}") from error
