"""Plugins: finding them, deciding which may run, loading them one by one."""

from .discovery import Installed, installed_plugins
from .manager import Manager, manager, use_manager
from .records import PluginInfo, State
from .rules import Rules, current_rules
from .state import switch_plugins

__all__ = [
    "Installed",
    "Manager",
    "PluginInfo",
    "Rules",
    "State",
    "current_rules",
    "installed_plugins",
    "manager",
    "switch_plugins",
    "use_manager",
]
