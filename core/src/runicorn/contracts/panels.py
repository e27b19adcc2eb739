"""What a plugin draws in the web viewer: files for the browser, and the panels and pages in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from attrs import field, frozen

#: Where a panel stands: below the charts of a workspace, a tab of a run, or beside the media of a run.
Slot: TypeAlias = Literal["workspace", "run", "media"]


@frozen
class Panel:
    """A part of a page of the viewer. Its module exports a panel of the same ``id``, which draws it."""

    id: str  # lower case, starts with a name of the author's: acme.confusion
    title: str
    slot: Slot = "workspace"
    titles: Mapping[str, str] = field(factory=dict)  # in other languages: {"zh-CN": "..."}


@frozen
class Page:
    """A page of its own, linked in the bar on top. Its module exports a page of the same ``id``, which draws it."""

    id: str
    path: str  # its address, e.g. /sweeps
    title: str
    titles: Mapping[str, str] = field(factory=dict)


@frozen
class Static:
    """A folder of files for the browser, and what the module in it draws.

    The folder is served at an address that changes with its content. Nothing of it is loaded before a panel or page
    is looked at. It may hold libraries: ``imports`` gives them bare names that hold inside this folder alone, so that
    two plugins may bring different versions of one library.
    """

    folder: Path
    module: str = "index.js"  # an ES module in the folder, whose default export holds the panels and pages
    panels: tuple[Panel, ...] = ()
    pages: tuple[Page, ...] = ()
    imports: Mapping[str, str] = field(factory=dict)  # {"d3": "vendor/d3.js"}


@frozen
class ViewerPart:
    """What one plugin draws, and whose it is."""

    plugin: str
    distribution: str
    version: str
    static: Static
