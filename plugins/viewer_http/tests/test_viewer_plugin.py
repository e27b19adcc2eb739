"""This plugin keeps the promises of every plugin."""

from __future__ import annotations

from runicorn.testing import PluginContract


class TestPlugin(PluginContract):
    name = "viewer-http"
    hooks = frozenset(["config_schema", "health_checks", "register_commands", "viewer_middleware", "viewer_routes"])
