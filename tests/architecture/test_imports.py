"""Who may import whom. A plugin uses what a third party may use, and core knows no plugin."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from attrs import frozen

ROOT = Path(__file__).parents[2]
CORE = ROOT / "core/src/runicorn"
PLUGINS = sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))

#: Inside core: a module imports from its own row and from those above it.
LAYERS = [
    {"types", "errors", "host", "distributions", "deprecated"},
    {"model"},
    {"security", "serialize", "contracts"},
    {"config", "hookspecs", "filters"},
    {"hashes", "appearing"},
    {"loader", "hooks"},
    {"sdk", "managing"},
    {"cli"},
    {"testing"},
    {"__init__", "__main__"},
]
CORE_LIBRARIES = {"pluggy", "attrs", "cattrs", "orjson", "click", "platformdirs"}
#: Only inside functions: where people look, a file of theirs is edited, a filter of theirs is parsed, a page is tested.
INTERACTIVE = {"rich": {"cli"}, "tomlkit": {"cli", "config"}, "lark": {"filters"}, "playwright": {"testing"}}
TESTING_LIBRARIES = {"pytest", "hypothesis"}
#: What a plugin sees of core. Of those in the second set also the modules inside.
PUBLIC = {"hookspecs", "hooks", "contracts", "model", "errors", "config", "types", "serialize", "security", "host"}
PUBLIC |= {"appearing", "filters", "hashes", "managing", "distributions"}
PUBLIC_INSIDE = {"contracts", "model"}
#: The module of a distribution, where their names differ.
MODULES = {"pillow": "PIL", "scikit-learn": "sklearn", "nvidia-ml-py": "pynvml", "opencv-python": "cv2"}
MODULES |= {"backports-zstd": "backports", "pyyaml": "yaml"}
#: Of the standard library of a later Python; each has a backport that is imported where it is missing.
LATER = {"compression"}
HEAVY = ["PIL", "asyncssh", "duckdb", "hypercorn", "numpy", "pandas", "pyarrow", "pynvml", "starlette", "torch"]


@frozen
class Import:
    """One import, with the absolute name of what it names."""

    file: Path
    line: int
    name: str
    lazy: bool  # inside a function
    typing: bool  # inside ``if TYPE_CHECKING``

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.name}"


def imports_of(file: Path, package: str) -> Iterator[Import]:
    """Every import of a file.

    :param package: the absolute name of the package that the file stands in, for relative imports.
    """

    def visit(node: ast.AST, lazy: bool, typing: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            yield from (Import(file, node.lineno, alias.name, lazy, typing) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = parts[: len(parts) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            # ``from . import x`` and ``from runicorn import hooks`` name a module, not something inside of one.
            names = [f"{name}.{alias.name}" for alias in node.names] if name in ("runicorn", package) else [name]
            yield from (Import(file, node.lineno, each, lazy, typing) for each in names)
        lazy = lazy or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for statement in node.body:
                yield from visit(statement, lazy, True)
            for statement in node.orelse:
                yield from visit(statement, lazy, typing)
            return
        for child in ast.iter_child_nodes(node):
            yield from visit(child, lazy, typing)

    return visit(ast.parse(file.read_text(encoding="utf-8"), str(file)), False, False)


def imports_below(folder: Path) -> Iterator[Import]:
    """Every import of a package; ``folder`` is named after it."""
    for file in sorted(folder.rglob("*.py")):
        inside = file.relative_to(folder.parent).with_suffix("").parts[:-1]
        yield from imports_of(file, ".".join(inside))


def part_of_core(name: str) -> str:
    """``runicorn.hooks.api`` -> ``hooks``; a name that the package itself gives (``runicorn.init``) -> ``__init__``."""
    part = name.split(".")[1] if "." in name else "__init__"
    return part if (CORE / part).is_dir() or (CORE / f"{part}.py").is_file() else "__init__"


def layer_of(part: str) -> int:
    for number, layer in enumerate(LAYERS):
        if part in layer:
            return number
    pytest.fail(f"core/src/runicorn/{part} has no place in the layers of {Path(__file__).name}; give it one")


# --- Core


def test_core_imports_only_its_libraries() -> None:
    wrong = []
    for found in imports_below(CORE):
        if found.typing or found.top in sys.stdlib_module_names or found.top == "runicorn":
            continue
        part = found.file.relative_to(CORE).with_suffix("").parts[0]
        allowed = found.top in CORE_LIBRARIES
        allowed |= found.lazy and part in INTERACTIVE.get(found.top, ())
        allowed |= part == "testing" and found.top in TESTING_LIBRARIES
        if not allowed:
            wrong.append(str(found))
    assert wrong == []


def test_core_names_no_plugin() -> None:
    modules = {module.name for plugin in PLUGINS for module in (plugin / "src").iterdir() if module.is_dir()}
    wrong = [
        f"{file.relative_to(ROOT)} names {module}"
        for file in CORE.rglob("*.py")
        for module in modules
        if module in file.read_text(encoding="utf-8")
    ]
    assert wrong == []


def test_core_is_layered() -> None:
    wrong = []
    for found in imports_below(CORE):
        if found.top != "runicorn":
            continue
        own = found.file.relative_to(CORE).with_suffix("").parts[0]
        other = part_of_core(found.name)
        if other == "__init__" and own != "__init__" and found.name != "runicorn.__version__":
            wrong.append(f"{found}, but the package itself is for users")
        elif found.name != "runicorn.__version__" and layer_of(other) > layer_of(own):
            wrong.append(f"{found}, which stands above it")
    assert wrong == []


def test_no_two_parts_of_core_import_each_other() -> None:
    edges: dict[str, set[str]] = {}
    for found in imports_below(CORE):
        own = found.file.relative_to(CORE).with_suffix("").parts[0]
        if found.top == "runicorn" and not found.typing and part_of_core(found.name) not in (own, "__init__"):
            edges.setdefault(own, set()).add(part_of_core(found.name))

    def reachable(start: str) -> set[str]:
        seen: set[str] = set()
        todo = [start]
        while todo:
            fresh = edges.get(todo.pop(), set()) - seen
            seen |= fresh
            todo += fresh
        return seen

    assert [part for part in sorted(edges) if part in reachable(part)] == []


# --- Plugins


def module_name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match is not None
    name = match.group().lower()
    return MODULES.get(name, name.replace("-", "_"))


def wrong_use_of_core(found: Import, also: set[str]) -> str | None:
    if found.top != "runicorn" or part_of_core(found.name) == "__init__":
        return None
    part, _, inside = found.name.removeprefix("runicorn.").partition(".")
    if part not in PUBLIC | also:
        return f"{found}, which is not for plugins"
    is_module = (CORE / part / inside.replace(".", "/")).is_dir() or (CORE / part / f"{inside}.py").is_file()
    if inside and is_module and part not in PUBLIC_INSIDE | also:
        return f"{found}; import it from runicorn.{part}"
    return None


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)
def test_a_plugin_imports_what_it_declares_and_what_a_third_party_may_use(plugin: Path) -> None:
    project = tomllib.loads((plugin / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(x for extra in project.get("optional-dependencies", {}).values() for x in extra),
    ]
    libraries = {module_name(requirement) for requirement in wanted} | {"runicorn"}
    wrong = []
    for package in (path for path in (plugin / "src").iterdir() if path.is_dir() and path.name.startswith("runicorn_")):
        for found in imports_below(package):
            if found.top not in libraries | {package.name} | sys.stdlib_module_names | LATER:
                wrong.append(f"{found}, which its pyproject.toml does not name")
            elif complaint := wrong_use_of_core(found, set()):
                wrong.append(complaint)
    assert wrong == []


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)
def test_no_plugin_imports_another_in_its_tests_either(plugin: Path) -> None:
    own = {path.name for path in (plugin / "src").iterdir()}
    wrong = []
    for file in sorted((plugin / "tests").rglob("*.py")):
        for found in imports_of(file, ""):
            if found.top.startswith("runicorn_") and found.top not in own:
                wrong.append(f"{found}, another plugin")
            elif complaint := wrong_use_of_core(found, {"testing"}):
                wrong.append(complaint)
    assert wrong == []


# --- What an import costs


def loaded_by(program: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after a program."""
    program += "\nimport sys; print('|'.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split("|"))


def test_import_runicorn_loads_no_library() -> None:
    bare, with_it = loaded_by(""), loaded_by("import runicorn")
    assert {name for name in with_it - bare if name not in sys.stdlib_module_names} == {"runicorn"}
    assert with_it.isdisjoint({"asyncio", "logging", "importlib.metadata", "subprocess", "email", "json"} - bare)


def test_the_module_of_an_entry_point_is_light() -> None:
    modules = sorted({entry.value.partition(":")[0] for entry in entry_points(group="runicorn")})
    assert modules, "no plugin is installed; run: make setup"
    program = "import importlib\n" + "\n".join(f"importlib.import_module({module!r})" for module in modules)
    assert sorted(loaded_by(program) & set(HEAVY)) == []


def test_a_run_with_all_plugins_loads_nothing_heavy() -> None:
    program = """
import runicorn as rn
import runicorn.sdk.sampling
runicorn.sdk.sampling._FIRST_AFTER_S = 600  # what measures the machine loads more, a second later
with rn.init(project='p', capture_env=False) as run:
    run.log({'loss': 0.5})
"""
    assert sorted(loaded_by(program) & set(HEAVY)) == []


def test_import_and_init_load_little() -> None:
    """What the first ``init()`` costs is what it imports; a time would say less, and be another one each day."""
    program = """
import os, sys
bare = set(sys.modules)
# Settings of every kind: reading them is no reason to load a library either.
os.environ |= {"RUNICORN_RUN__CAPTURE_ENV": "off", "RUNICORN_RUN__FINISH_TIMEOUT": "3", "RUNICORN_BACKEND": "jsonl",
               "RUNICORN_PLUGINS__DISABLE": "a, b", "RUNICORN_PLUGINS__PREFER": "a=b"}
import runicorn as rn
import runicorn.loader, runicorn.sdk.observing, runicorn.sdk.sampling
# Their threads import more, while the training has begun; and so does a warning about a plugin that loads slowly.
runicorn.sdk.observing._START_AFTER_S = runicorn.sdk.sampling._FIRST_AFTER_S = 600
runicorn.loader.managing.SLOW_MS = 1e9
run = rn.init(project='p', capture_env=False, capture_console=False)
loaded = set(sys.modules) - bare
run.finish()
print(*loaded, sep='|')
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.strip().split("|"))
    for name in ("logging", "difflib", "importlib.metadata", "runicorn.contracts", "runicorn.model.metric", "cattrs"):
        assert name not in loaded
    plugins = {name for name in loaded if name.startswith("runicorn_") and "storage" not in name}
    assert {name for name in plugins if "." in name and not name.endswith(".plugin")} == set()
    assert len({name for name in loaded if name.startswith("runicorn.")}) <= 65
    assert len(loaded) <= 205


def test_a_viewer_that_shows_its_page_has_loaded_nothing_that_nobody_asked_for() -> None:
    """Its start is what it imports. (numpy comes a moment after the page: charts need it.)"""
    program = """
import asyncio, httpx
from runicorn.hooks import open_store
from runicorn_viewer_http.app import RunningViewer, build_app
from runicorn_viewer_http.lifespans import Lifespans

async def started():
    viewer = RunningViewer(open_store())
    app, lifespans = build_app(viewer), Lifespans(viewer)
    await lifespans.start()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
        assert (await client.get("/")).status_code == 200
    viewer.stopping.set()
    await lifespans.stop()

asyncio.run(started())
"""
    of_a_request = {"cattrs", "cryptography", "keyring", "lark", "rich", "sqlite3", "tomlkit", "zstandard"}
    loaded = loaded_by(program) - loaded_by("import httpx")
    assert {"runicorn_artifacts", "runicorn_exporters", "runicorn_remote_ssh", "starlette"} <= loaded
    assert sorted(loaded & (set(HEAVY) | of_a_request) - {"starlette", "numpy"}) == []
