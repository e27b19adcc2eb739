"""``register_commands``: what plugins add to the command line."""

from __future__ import annotations

from .calling import Offers, offers, text_pairs


def commands() -> Offers[str]:
    """Command name -> ``module:object``; nothing is imported. ``owner(name)`` is the plugin."""
    return offers("register_commands", "command", text_pairs, lambda name, _: f"command {name}")
