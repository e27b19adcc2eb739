"""``register_api``: names for ``runicorn`` and methods for ``Run``."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..errors import PluginError
from .calling import Offers, offers, text_pairs


def api_targets() -> Offers[str]:
    """Name -> ``module:object``, for every name that plugins add. Nothing is imported."""
    return offers("register_api", "API name", text_pairs, _shown)


def _shown(name: str, target: str) -> str:  # noqa: ARG001 (offers are shown by name and value)
    return name.replace("Run.", "run.") if name.startswith("Run.") else f"rn.{name}"


def api_names() -> list[str]:
    """Every name that plugins add: ``Image``, ``Run.log_image``."""
    return sorted(api_targets())


def lookup_api(name: str) -> Any:
    """The object behind a name.

    :param name: ``Image`` for ``rn.Image``, ``Run.log_image`` for a method.
    :raises AttributeError: no active plugin provides it.
    :raises PluginConflict: several do, and nothing is preferred.
    :raises PluginError: the plugin that provides it could not be imported.
    """
    known = api_targets()
    target = known.get(name)
    if target is None:
        raise AttributeError(f"no active plugin provides {name!r}; see: runicorn plugins list --check")
    module, _, attribute = target.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except Exception as error:
        raise PluginError(known.owner(name), f"providing {name}", f"{type(error).__name__}: {error}") from error
