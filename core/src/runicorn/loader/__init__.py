"""Plugins: finding them, deciding which may run, loading them one by one."""

from .bounded import Bounded, TookTooLong, contained
from .choice import Choice, choose
from .discovery import Installed, installed_plugins
from .loading import unloaded
from .managing import Manager, manager, use_manager
from .once import Once
from .records import UNWELL, PluginInfo, State
from .rules import Rules, current_rules
from .state import switch_plugins

__all__ = [
    "UNWELL",
    "Bounded",
    "Choice",
    "Installed",
    "Manager",
    "Once",
    "PluginInfo",
    "Rules",
    "State",
    "TookTooLong",
    "choose",
    "contained",
    "current_rules",
    "installed_plugins",
    "manager",
    "switch_plugins",
    "unloaded",
    "use_manager",
]
