"""This plugin keeps the promises of every plugin."""

from __future__ import annotations

from runicorn.testing import PluginContract


class TestPlugin(PluginContract):
    name = "environment"
    hooks = frozenset(["collect_environment", "config_schema", "register_api", "register_samplers", "viewer_routes"])
