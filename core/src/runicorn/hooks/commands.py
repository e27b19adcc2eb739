"""``register_commands``: what plugins add to the command line."""

from __future__ import annotations

from .calling import by_name, each


def commands() -> dict[str, tuple[str, str]]:
    """Command name -> (plugin, ``module:object``); nothing is imported."""
    return by_name(
        "command",
        [(plugin, name, (plugin, at)) for plugin, names in each("register_commands") for name, at in names.items()],
    )
