"""This plugin keeps the promises of every plugin."""

from __future__ import annotations

from runicorn.testing import PluginContract


class TestPlugin(PluginContract):
    name = "storage-duckdb"
    hooks = frozenset(
        ["config_schema", "register_api", "register_commands", "register_storage_backends", "viewer_routes"]
    )
