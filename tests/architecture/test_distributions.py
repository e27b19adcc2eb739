"""Every distribution is made alike, has the one version, and depends on core alone."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from runicorn.hookspecs import API_VERSION

ROOT = Path(__file__).parents[2]
PLUGINS = sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))
ALL = [ROOT, ROOT / "core", *PLUGINS]


def project(folder: Path) -> dict[str, Any]:
    return dict(tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"])


VERSION = project(ROOT / "core")["version"]


@pytest.mark.parametrize("folder", ALL, ids=lambda path: path.name)
def test_all_distributions_are_made_alike(folder: Path) -> None:
    content = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    assert content["build-system"]["build-backend"] == "flit_core.buildapi"
    about = content["project"]
    assert (about["version"], about["requires-python"], about["license"]) == (VERSION, ">=3.11", "Apache-2.0")
    module = content["tool"]["flit"]["module"]["name"]
    source = folder / "src" / module
    text = (source / "__init__.py" if source.is_dir() else source.with_suffix(".py")).read_text(encoding="utf-8")
    assert re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE), f"{module} states no version"
    assert f'__version__ = "{VERSION}"' in text
    assert (folder / "README.md").is_file()


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda path: path.name)
def test_a_plugin_depends_on_core_and_on_no_other_plugin(folder: Path) -> None:
    """Nor on the bare name ``runicorn``: on the public index an older product has it."""
    about = project(folder)
    ours = [requirement for requirement in about["dependencies"] if requirement.startswith("runicorn")]
    assert ours in (["runicorn-core"], [f"runicorn-core=={VERSION}"])
    assert about["name"] == "runicorn-" + folder.name.replace("_", "-")
    assert (folder / "tests").is_dir()


def test_the_metapackage_is_core_and_all_plugins() -> None:
    named = {f"{project(folder)['name']}=={VERSION}" for folder in ALL if folder != ROOT}
    assert set(project(ROOT)["dependencies"]) == named


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda path: path.name)
def test_an_entry_point_names_a_module_written_for_this_api(folder: Path) -> None:
    about = project(folder)
    entries = about["entry-points"]["runicorn"]
    assert entries == {folder.name.replace("_", "-"): f"runicorn_{folder.name}.plugin"}
    for module in entries.values():
        assert import_module(module).RUNICORN_API == API_VERSION
    installed = {entry.name: entry.value for entry in distribution(about["name"]).entry_points}
    assert {name: installed.get(name) for name in entries} == entries, (
        "installed before it was changed; run: make setup"
    )


def test_requirements_install_every_distribution() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    editable = {line.removeprefix("-e ") for line in lines if line.startswith("-e ")}
    assert editable == {"."} | {f"./{folder.relative_to(ROOT).as_posix()}" for folder in ALL if folder != ROOT}


def test_constraints_are_exact_versions_in_order() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.+]*", line)] == []
    names = [line.partition("==")[0] for line in lines]
    assert names == sorted(set(names))


def test_constraints_cover_everything_that_the_requirements_bring() -> None:
    pinned = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines()}
    files = ("requirements.txt", "requirements-dev.txt")
    lines = [line for name in files for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    todo = [line.strip() for line in lines if line.strip() and line[0] not in "#-"]
    todo += [name for folder in ALL for name in project(folder)["dependencies"]]
    seen: set[str] = set()
    while todo:
        requirement, _, marker = todo.pop().partition(";")
        match = re.match(r"[A-Za-z0-9._-]+", requirement)
        assert match is not None
        name = re.sub(r"[-_.]+", "-", match.group()).lower()
        if name in seen or name.startswith("runicorn") or "extra ==" in marker:
            continue
        if re.search(r"(python_(full_)?version|implementation|sys_platform|platform_system|os_name)", marker):
            continue  # for another interpreter or system than the one that is pinned here
        seen.add(name)
        todo += distribution(name).requires or []
    assert sorted(seen - pinned) == []
