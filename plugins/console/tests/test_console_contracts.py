"""This plugin keeps the promises of every plugin."""

from __future__ import annotations

from runicorn.testing import PluginContract


class TestPlugin(PluginContract):
    name = "console"
    hooks = frozenset(["config_schema", "register_api", "register_captures"])
