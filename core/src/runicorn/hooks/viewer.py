"""``viewer_*``: what plugins add to the web app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import PluginConflict
from .calling import each

if TYPE_CHECKING:
    from ..contracts import Viewer


def viewer_routes(viewer: Viewer) -> list[Any]:
    """The routes of all plugins. Of two on one path and method the preferred plugin's stands, else an error.

    :raises PluginConflict: naming both plugins.
    """
    owners: dict[tuple[str, str], str] = {}
    routes = []
    for plugin, offered in each("viewer_routes", viewer=viewer):
        for route in offered:
            for method in sorted(getattr(route, "methods", None) or {"WEBSOCKET"}):
                owner = owners.setdefault((route.path, method), plugin)
                if owner != plugin:
                    raise PluginConflict("route", f"{method} {route.path}", [owner, plugin])
            routes.append(route)
    return routes
