"""Its module throws as soon as the browser has it, and its folder is there."""

from collections.abc import Iterator
from pathlib import Path

from runicorn.contracts.panels import Panel, Static
from runicorn.hookspecs import hookimpl

RUNICORN_API = 1


@hookimpl
def viewer_panels() -> Iterator[Static]:
    folder = Path(__file__).parent / "static"
    folder.mkdir(exist_ok=True)
    (folder / "index.js").write_text("throw new Error('bad on purpose');\n")
    yield Static(folder, panels=(Panel("bad.panel", "Bad panel"),))
