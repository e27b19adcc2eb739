"""What plugins draw in the web interface."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from runicorn.contracts.http import Call, Endpoint, NoBody, NoQuery

from ..plugin_files import PluginFiles, Served


class PanelEntry(TypedDict):
    """A panel. `titles`: in other languages."""

    id: str
    title: str
    titles: dict[str, str]
    slot: Literal["workspace", "run", "media"]


class PageEntry(TypedDict):
    """A page of its own. `titles`: in other languages."""

    id: str
    path: str
    title: str
    titles: dict[str, str]


class ModuleEntry(TypedDict):
    """One module of one plugin. `files`: what stands beside it, in bytes."""

    plugin: str
    distribution: str
    version: str
    base: str
    module: str
    files: dict[str, int]
    panels: list[PanelEntry]
    pages: list[PageEntry]


def panels_endpoint(files: PluginFiles) -> Endpoint[Any, Any]:
    def panels(_: Call[NoQuery, NoBody]) -> list[ModuleEntry]:
        """The panels and pages of all plugins, with the addresses of the modules that draw them."""
        return [_entry(served) for served in files.served()]

    return Endpoint("GET", "/api/plugins/panels", panels, answer=list[ModuleEntry])


def _entry(served: Served) -> ModuleEntry:
    part = served.part
    return {
        "plugin": part.plugin,
        "distribution": part.distribution,
        "version": part.version,
        "base": served.base,
        "module": served.module,
        "files": dict(served.sizes),
        "panels": [
            {"id": panel.id, "title": panel.title, "titles": dict(panel.titles), "slot": panel.slot}
            for panel in part.static.panels
        ],
        "pages": [
            {"id": page.id, "path": page.path, "title": page.title, "titles": dict(page.titles)}
            for page in part.static.pages
        ],
    }
