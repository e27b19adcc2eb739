"""``viewer_*``: what plugins add to the web app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import PluginConflict
from ..loader import manager
from .calling import each

if TYPE_CHECKING:
    from ..contracts import Viewer


def viewer_routes(viewer: Viewer) -> list[Any]:
    """The routes of all plugins. Several on one path and method are a conflict, unless ``plugins.prefer`` decides
    (``"GET /api/x" = "plugin"``): that path then answers 409 with the names of the plugins, and all others work."""
    current = manager()
    offered = [(plugin, route) for plugin, routes in each("viewer_routes", _checked, viewer=viewer) for route in routes]
    owners: dict[str, list[str]] = {}
    for plugin, route in offered:
        current.record_offer(plugin, "routes")
        for place in _places(route):
            if plugin not in owners.setdefault(place, []):
                owners[place].append(plugin)
    winners = {place: p[0] if len(p) == 1 else current.prefer.get(place) for place, p in owners.items()}
    chosen = [route for plugin, route in offered if all(winners[place] == plugin for place in _places(route))]
    for place, plugins in owners.items():
        if winners[place] not in plugins:
            conflict = PluginConflict("route", place, plugins)
            current.record_conflict(conflict)
            if current.strict:
                raise conflict
            chosen += _refusal(place, conflict)
    return chosen


def _checked(result: Any) -> list[Any]:
    routes = list(result)
    for route in routes:
        path = getattr(route, "path", None)
        if not isinstance(path, str) or not path.startswith("/api/"):
            raise TypeError(f"returned {route!r}, which is no route below /api/")
    return routes


def _places(route: Any) -> list[str]:
    methods = sorted(getattr(route, "methods", None) or {"WEBSOCKET"})
    return [f"{method} {route.path}" for method in methods]


def _refusal(place: str, conflict: PluginConflict) -> list[Any]:
    """What stands at a path that several plugins want. A socket is just not there."""
    from ..contracts.http import Endpoint
    from ..errors import Problem

    method, _, path = place.partition(" ")
    if method not in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        return []

    def refuse(call: object) -> object:  # noqa: ARG001 (handlers take it)
        raise Problem(409, "plugin-conflict", str(conflict), plugins=list(conflict.plugins))

    return [Endpoint(method, path, refuse)]  # type: ignore[arg-type]  # checked above
