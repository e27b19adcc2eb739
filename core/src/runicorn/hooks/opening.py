"""``register_openers``: what plugins do with ``runicorn viewer ADDRESS``."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

from ..errors import PluginError
from .calling import Offers, offers, text_pairs


class Opener(Protocol):
    """Shows the runs of another place until the user has had enough."""

    def __call__(self, address: str, *, port: int | None, browser: bool) -> None: ...


def openers() -> Offers[str]:
    """Scheme -> ``module:object``; nothing is imported. ``owner(scheme)`` is the plugin."""
    return offers("register_openers", "opener of", text_pairs, lambda name, _: f"opener {name}://")


def opener_for(scheme: str) -> Opener | None:
    """What shows addresses of a scheme; None when no active plugin does.

    :raises PluginConflict: several do, and nothing is preferred.
    :raises PluginError: it cannot be imported.
    """
    found = openers()
    target = found.get(scheme)
    if target is None:
        return None
    module, _, name = target.partition(":")
    try:
        opener: Opener = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise PluginError(found.owner(scheme), f"opening {scheme}://", str(error)) from error
    return opener
