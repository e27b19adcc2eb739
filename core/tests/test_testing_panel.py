"""The contract of panels tells good ones from bad ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = """
from pathlib import Path
from runicorn.hookspecs import hookimpl

RUNICORN_API = 1


@hookimpl
def viewer_panels():
    from runicorn.contracts.panels import Panel, Static

    yield Static(Path(__file__).parent / "static", panels=(Panel("acme.hello", {title!r}),), imports={{"d3": "d3.js"}})
"""
TESTS = """
from runicorn.testing import PanelContract


class TestPanels(PanelContract):
    name = "acme-panels"
"""
GOOD = """
import { render } from 'preact';
import * as d3 from 'd3';
import { word } from './word.js';
export default { apiVersion: 1, panels: [{ id: 'acme.hello', mount(el) { el.textContent = word; } }] };
"""


def judged(place: Path, module: str, title: str = "Hello") -> str:
    """What pytest says of a plugin with this module."""
    package = place / "acme_panels"
    (package / "static").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "plugin.py").write_text(PLUGIN.format(title=title))
    (package / "static" / "index.js").write_text(module)
    (package / "static" / "word.js").write_text("export const word = 'hello';")
    (package / "static" / "d3.js").write_text("export const make = new Function('return 1');")
    about = place / "acme_panels-1.0.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-panels\nVersion: 1.0.0\n")
    (about / "entry_points.txt").write_text("[runicorn]\nacme-panels = acme_panels.plugin\n")
    (place / "test_acme.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "runicorn.testing.pytest_plugin", "-p", "no:cacheprovider"]
    environ = os.environ | {"PYTHONPATH": str(place)}
    done = subprocess.run(
        [*command, "test_acme.py"], cwd=place, env=environ, capture_output=True, text=True, check=False
    )
    return done.stdout


def test_the_panel_contract_passes_what_keeps_it(tmp_path: Path) -> None:
    assert "6 passed" in judged(tmp_path, GOOD)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("from 'preact'", "from 'react'"), "index.js imports react, which is no name"),
        (("./word.js", "./words.js"), "index.js imports ./words.js"),
        (("export default", "export const plugin ="), "index.js has no default export"),
        (("id: 'acme.hello'", "id: 'acme.goodbye'"), "names acme.hello"),
        (("= word", "= eval('1')"), "index.js makes code of texts"),
        (("from 'd3'", "from 'https://cdn.example/d3.js'"), "index.js loads 'https://cdn.example/d3.js'"),
    ],
)
def test_the_panel_contract_names_what_breaks_it(tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    assert sentence in judged(tmp_path, GOOD.replace(*change))
