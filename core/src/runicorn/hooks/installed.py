"""The installed plugins, for whoever shows or switches them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import PluginNotFound
from ..loader import current_rules, manager
from ..loader import switch_plugins as _switch
from .api import api_targets
from .archives import archive_parts
from .artifacts import artifact_stores
from .cli_commands import commands
from .configuration import config_schemas
from .exports import exporters
from .imports import importers
from .media import media_types
from .sql import sql_views
from .storage import storage_backends

if TYPE_CHECKING:
    from pathlib import Path

    from ..loader import PluginInfo
    from ..loader.state import Switch

#: Hooks whose results have no names: what ``plugins list`` says that a plugin with them adds.
_UNNAMED = {
    "collect_environment": "environment",
    "health_checks": "health checks",
    "alert_raised": "observer",
    "artifact_committed": "observer",
    "register_alert_sinks": "alert sinks",
    "register_captures": "captures",
    "register_monitors": "monitors",
    "register_samplers": "samplers",
    "run_finished": "observer",
    "run_started": "observer",
    "values_logged": "observer",
    "viewer_authorize": "authorization",
    "viewer_lifespan": "viewer lifespan",
    "viewer_middleware": "middleware",
    "viewer_panels": "panels",
    "viewer_routes": "routes",
    "viewer_topics": "topics",
}


def plugins() -> Sequence[PluginInfo]:
    """Every installed plugin and what became of it in this process, by name. Loads them."""
    return manager().plugins()


def survey() -> Sequence[PluginInfo]:
    """Ask every plugin for all that it offers, and tell what became of each; conflicts show only so.

    Each has ``plugins.hook_timeout`` seconds for each hook.
    """
    named = (config_schemas, storage_backends, api_targets, media_types, commands, artifact_stores)
    for ask in (*named, exporters, importers, archive_parts, sql_views):
        ask()
    current = manager()
    for hook, adds in _UNNAMED.items():
        for impl in current.implementations(hook):
            if hook != "viewer_panels" or not _draws(impl.plugin_name):
                current.record_offer(impl.plugin_name, adds)
    return current.plugins()


def _draws(plugin: str) -> bool:
    """Whether the viewer runs here, so that the names of its panels and pages stand there already."""
    adds = [offer for info in plugins() if info.name == plugin for offer in info.adds]
    return any(offer.startswith(("panel ", "page ")) for offer in adds)


def runs_at_next_start(name: str) -> bool:
    """Whether the switches, as they are now, let a plugin run in a process that starts now."""
    return not current_rules().reason_against(name)


def find_plugin(name: str) -> PluginInfo:
    """The installed plugin of this name; where two distributions claim it, the one that is loaded or the first.

    :raises PluginNotFound: none of this name is installed.
    """
    infos = plugins()
    found = sorted((info for info in infos if info.name == name), key=lambda info: info.state != "active")
    if not found:
        import difflib

        close = difflib.get_close_matches(name, [info.name for info in infos], n=1)
        raise PluginNotFound(name, next(iter(close), ""))
    return found[0]


def switch_plugin(name: str, switch: Switch) -> Path:
    """Switch an installed plugin on or off for this user, from the next start on; returns the file that says so.

    :raises PluginNotFound: none of this name is installed.
    """
    return _switch([find_plugin(name).name], switch)
