"""This plugin keeps the promises of every plugin."""

from __future__ import annotations

from runicorn.testing import PluginContract


class TestPlugin(PluginContract):
    name = "environment"
    hooks = frozenset(
        [
            "collect_environment",
            "config_schema",
            "register_api",
            "register_commands",
            "register_media_types",
            "register_samplers",
            "run_started",
            "viewer_panels",
            "viewer_routes",
        ]
    )
