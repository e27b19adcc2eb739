"""The typed callers of all hooks, one function for each, isolation inside.

``each`` calls implementations one by one in the order of plugin names; what one raises is recorded against
its plugin and stops nobody else. ``RUNICORN_PLUGINS_STRICT=1`` re-raises.
"""

from .api import api_names, lookup_api
from .checks import run_health_checks
from .commands import commands
from .configuration import change_config, config_document, config_schemas, plugin_section
from .installed import plugin_infos, switch_plugin
from .media import media_type_for
from .run import RunObservers, collect_environment
from .storage import open_store, storage_backends
from .viewer import viewer_routes

__all__ = [
    "RunObservers",
    "api_names",
    "change_config",
    "collect_environment",
    "commands",
    "config_document",
    "config_schemas",
    "lookup_api",
    "media_type_for",
    "open_store",
    "plugin_infos",
    "plugin_section",
    "run_health_checks",
    "storage_backends",
    "switch_plugin",
    "viewer_routes",
]
