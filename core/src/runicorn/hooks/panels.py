"""``viewer_panels``: what plugins draw in the viewer."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, get_args

from ..loader import manager
from .calling import Offers, each

if TYPE_CHECKING:
    from ..contracts import Viewer
    from ..contracts.panels import Page, Panel, Static, ViewerPart

_ID = r"[a-z][a-z0-9]*([._-][a-z0-9]+)*"
_PATH = r"/[a-z0-9]+(-[a-z0-9]+)*"


def viewer_panels(viewer: Viewer, reserved: Collection[str] = ()) -> list[ViewerPart]:
    """The panels and pages of all plugins, in the order of plugin names.

    One that is wrong in itself (no such file, an address of the viewer's own) counts against its plugin. An id or an
    address that several plugins want is a conflict, unless ``plugins.prefer`` names the winner: nobody has it then.

    :param reserved: addresses that belong to the viewer.
    """
    from attrs import evolve

    from ..contracts.panels import ViewerPart

    current = manager()

    def read(result: Any) -> list[Static]:
        return [_checked(static, reserved) for static in result]

    found = [(plugin, static) for plugin, statics in each("viewer_panels", read, viewer=viewer) for static in statics]
    named = [(plugin, part.id, part) for plugin, static in found for part in _parts(static)]
    paths = [(plugin, page.path, page) for plugin, static in found for page in static.pages]
    ids, places = Offers("panel or page", named, current.prefer), Offers("page", paths, current.prefer)
    for conflict in (*ids.conflicts.values(), *places.conflicts.values()):
        current.record_conflict(conflict)
        if current.strict:
            raise conflict

    def wins(plugin: str, part: Panel | Page) -> bool:
        return part.id in ids and ids.owner(part.id) == plugin

    about = {info.name: info for info in current.plugins() if info.state in ("active", "conflicting")}
    parts = []
    for plugin, static in found:
        panels = tuple(panel for panel in static.panels if wins(plugin, panel))
        pages = tuple(page for page in static.pages if wins(plugin, page) and page.path in places)
        pages = tuple(page for page in pages if places.owner(page.path) == plugin)
        for kind, drawn in (("panel", panels), ("page", pages)):
            for part in drawn:
                current.record_offer(plugin, f"{kind} {part.id}")
        chosen = evolve(static, panels=panels, pages=pages)
        parts.append(ViewerPart(plugin, about[plugin].distribution, about[plugin].version, chosen))
    return parts


def _parts(static: Static) -> list[Panel | Page]:
    return [*static.panels, *static.pages]


def _checked(static: Any, reserved: Collection[str]) -> Static:
    """:raises Exception: it is not what it should be, in one sentence."""
    from ..contracts.panels import Slot, Static
    from ..errors import UnsafePath
    from ..security import join

    if not isinstance(static, Static):
        raise TypeError(f"returned a {type(static).__name__}, which is no runicorn.contracts.panels.Static")
    if not static.folder.is_absolute() or not static.folder.is_dir():
        raise FileNotFoundError(f"returned the folder {static.folder}, which is no absolute path of a folder")
    for name in (static.module, *static.imports.values()):
        try:
            there = join(static.folder, name).is_file()
        except UnsafePath as error:
            raise ValueError(f"returned a {error}") from error
        if not there:
            raise FileNotFoundError(f"returned the file {name}, which is not in {static.folder}")
    parts = _parts(static)
    for part in parts:
        if not re.fullmatch(_ID, part.id):
            raise ValueError(f"returned the id {part.id!r}; ids are lower case, e.g. acme.confusion")
        if [other.id for other in parts].count(part.id) > 1:
            raise ValueError(f"returned the id {part.id!r} twice")
    for panel in static.panels:
        if panel.slot not in get_args(Slot):
            raise ValueError(f"returned the slot {panel.slot!r}; there are {', '.join(get_args(Slot))}")
    for page in static.pages:
        if not re.fullmatch(_PATH, page.path):
            raise ValueError(f"returned the address {page.path!r}; addresses are one part in lower case, e.g. /sweeps")
        if page.path in reserved:
            raise ValueError(f"returned the address {page.path!r}, which belongs to the viewer")
    return static
