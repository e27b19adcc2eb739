"""The contract of what ``viewer_panels`` returns, as tests."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path

import pytest

from ..contracts import Store
from ..contracts.panels import Page, Panel, Static, ViewerPart
from ..contracts.viewer import Result
from ..hooks import open_store, viewer_panels
from ..loader import Manager, Rules, use_manager

#: What the viewer's import map gives to every plugin.
SHARED = frozenset(
    [
        "@preact/signals",
        "@preact/signals-core",
        "htm",
        "preact",
        "preact/hooks",
        "preact/jsx-runtime",
        "runicorn",
        "uplot",
    ]
)
_IMPORT = re.compile(
    r"""(?:^\s*(?:import|export)\b[^;'"(]*?\bfrom|^\s*import|\bimport\()\s*["']([^"']+)["']""",
    re.MULTILINE,
)
_ELSEWHERE = re.compile(r"""["'](?:https?:)?//[^"'\s]+\.(?:m?js|css)["']""")


class PanelContract:
    """Subclass it with the name of an installed plugin; what it draws is found through its hook::

    class TestPanels(PanelContract):
        name = "acme-gap"
    """

    name: str

    @pytest.fixture
    def parts(self) -> Iterator[list[ViewerPart]]:
        """What this plugin alone adds to the viewer."""
        rules = Rules(only=(self.name, "storage-jsonl"), strict=True)
        with use_manager(Manager(rules=rules)):
            found = [part for part in viewer_panels(_Viewer()) if part.plugin == self.name]
            assert found, f"{self.name} adds nothing; is it installed, and does it implement viewer_panels?"
            yield found

    @pytest.fixture
    def statics(self, parts: list[ViewerPart]) -> list[Static]:
        return [part.static for part in parts]

    def test_every_folder_draws_something(self, statics: list[Static]) -> None:
        for static in statics:
            assert static.panels or static.pages, f"{static.folder} has files, but no panel and no page"

    def test_titles_say_something_on_one_line(self, statics: list[Static]) -> None:
        for static in statics:
            for part in _parts(static):
                for title in (part.title, *part.titles.values()):
                    assert title.strip() == title != "", f"the title {title!r} of {part.id}"
                    assert "\n" not in title

    def test_ids_begin_with_a_name_of_the_authors(self, statics: list[Static]) -> None:
        for static in statics:
            for part in _parts(static):
                assert "." in part.id, f"{part.id} has no prefix; call it acme.{part.id}"
                assert not part.id.startswith("runicorn."), f"{part.id} takes the viewer's prefix"

    def test_the_module_exports_what_is_declared(self, statics: list[Static]) -> None:
        """Read as text: a default export with an API version, and every declared id in some module of the folder."""
        for static in statics:
            module = (static.folder / static.module).read_text(encoding="utf-8")
            assert re.search(r"\bexport\s+default\b|\bas\s+default\b", module), f"{static.module} has no default export"
            everything = "\n".join(text for _, text in _modules(static))
            assert "apiVersion" in everything, f"{static.module} states no apiVersion"
            for part in _parts(static):
                assert part.id in everything, f"no module in {static.folder} names {part.id}"

    def test_every_import_leads_to_a_file_or_to_a_shared_name(self, statics: list[Static]) -> None:
        for static in statics:
            for path, text in _modules(static):
                for match in _IMPORT.finditer(text):
                    target = match[1]
                    if target.startswith("."):
                        assert (path.parent / target).resolve().is_file(), f"{path.name} imports {target}"
                    else:
                        assert target in SHARED | static.imports.keys(), (
                            f"{path.name} imports {target}, which is no name"
                        )

    def test_nothing_is_loaded_from_elsewhere(self, statics: list[Static]) -> None:
        """The viewer works without a network, and its security policy allows no other origin."""
        for static in statics:
            for path, text in _modules(static):
                found = _ELSEWHERE.search(text)
                assert found is None, f"{path.name} loads {found and found[0]}"
                assert not re.search(r"\beval\s*\(|\bnew\s+Function\s*\(", text), f"{path.name} makes code of texts"


def _parts(static: Static) -> list[Panel | Page]:
    return [*static.panels, *static.pages]


def _modules(static: Static) -> list[tuple[Path, str]]:
    """The author's own modules: not the libraries that were brought along."""
    libraries = {static.folder / file for file in static.imports.values()}
    paths = sorted(
        path for path in static.folder.rglob("*") if path.suffix in (".js", ".mjs") and path not in libraries
    )
    return [(path, path.read_text(encoding="utf-8")) for path in paths]


class _Viewer:
    """What the hook is given here."""

    settings: Mapping[str, object] = {}

    def __init__(self) -> None:
        self.stopping = asyncio.Event()

    @property
    def store(self) -> Store:
        return open_store()

    def admits(self, headers: Mapping[str, str]) -> bool:
        return True

    def in_thread(self, work: Callable[[], Result]) -> Awaitable[Result]:
        async def now() -> Result:
            return work()

        return now()
