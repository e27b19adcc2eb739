"""What users install: the wheels, in an environment without this clone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = [ROOT, ROOT / "core", *sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))]
BUILD = "import sys; from flit_core import buildapi; print(buildapi.build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("wheels")
    names = []
    for source in DISTRIBUTIONS:
        command = [sys.executable, "-c", BUILD, str(folder)]
        done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=True)
        names.append(done.stdout.split()[-1])
    return [folder / name for name in names]


@pytest.fixture(scope="module")
def python(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the wheels, and the libraries of this environment without its editable installs."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True)
    paths = sysconfig.get_paths("venv", vars={"base": str(home), "platbase": str(home)})
    site = Path(paths["purelib"])
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    # The .pth files of a folder that is itself named in a .pth file are not read.
    (site / "libraries.pth").write_text(sysconfig.get_paths()["purelib"])
    return Path(paths["scripts"]) / "python"


def run(python: Path, *arguments: str) -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [python, *arguments], capture_output=True, text=True, check=False, env=environ, cwd=python.parent
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_tour_of_the_readme_runs_with_the_wheels(python: Path) -> None:
    snippet = re.search(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert snippet is not None
    where = run(python, "-c", snippet.group(1) + "\nprint(rn.__file__)").splitlines()
    assert Path(where[-1]).is_relative_to(python.parents[1])
    listed = json.loads(run(python, "-m", "runicorn", "runs", "list", "--json"))
    assert [row["status"] for row in listed] == ["finished"]


def test_every_plugin_of_the_wheels_is_active(python: Path) -> None:
    listed = json.loads(run(python, "-m", "runicorn", "plugins", "list", "--check", "--json"))
    names = {folder.name.replace("_", "-") for folder in DISTRIBUTIONS if folder.parent.name == "plugins"}
    assert {row["name"]: row["state"] for row in listed} == dict.fromkeys(names, "active")


def test_a_wheel_holds_every_file_of_its_package(wheels: list[Path]) -> None:
    """Web pages, schemas and ``py.typed`` are as much a part of it as Python is."""
    for folder, wheel in zip(DISTRIBUTIONS, wheels, strict=True):
        content = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
        source = folder / "src" / content["tool"]["flit"]["module"]["name"]
        with zipfile.ZipFile(wheel) as archive:
            packed = set(archive.namelist())
        files = {
            path.relative_to(folder / "src").as_posix()
            for path in source.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert files <= packed, wheel.name
        if source.is_dir():
            assert f"{source.name}/py.typed" in packed, f"{source.name} does not say that it is typed: add py.typed"
