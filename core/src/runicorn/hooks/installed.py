"""The installed plugins, for whoever shows or switches them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import PluginNotFound
from ..plugins import manager
from ..plugins import switch_plugins as _switch

if TYPE_CHECKING:
    from pathlib import Path

    from ..plugins import PluginInfo
    from ..plugins.state import Switch


def plugin_infos() -> Sequence[PluginInfo]:
    """Every installed plugin and what became of it in this process, by name."""
    return manager().plugins()


def switch_plugin(name: str, switch: Switch) -> Path:
    """Switch an installed plugin on or off for this user, from the next start on; returns the file that says so.

    :raises PluginNotFound: none of this name is installed.
    """
    names = [info.name for info in plugin_infos()]
    if name not in names:
        raise PluginNotFound(name, next(iter(difflib.get_close_matches(name, names, n=1)), ""))
    return _switch([name], switch)
