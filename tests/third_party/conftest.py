"""An environment as a user has it: our wheels, wheels of strangers beside them, nothing of this clone."""

from __future__ import annotations

import compileall
import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from attrs import field, frozen

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OURS = [ROOT / "core", *sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))]
BUILD = """
import os, sys
from flit_core import buildapi
for source in sys.argv[2:]:
    os.chdir(source)
    print(buildapi.build_wheel(sys.argv[1]))
"""


def build(sources: Sequence[Path], folder: Path) -> list[Path]:
    """The wheels of some distributions."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", BUILD, str(folder), *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [folder / name for name in done.stdout.split()]


def unpack(wheels: Sequence[Path], site: Path) -> None:
    """What an installer does with them."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)


def package_of(module: Path, folder: Path) -> Path:
    """The source folder of a distribution ``bad-<name>`` whose entry point names this module.

    Its first lines may say ``# entry-point: NAME`` and ``# package: NAME`` where those are not derived from its name.
    """
    source = module.read_text(encoding="utf-8")
    said = dict(re.findall(r"^# (entry-point|package): (\S+)$", source, re.MULTILINE))
    stem = module.name.partition(".")[0]  # syntax_error.py.txt is no Python, and must not look like it to our tools
    name = "bad-" + stem.replace("_", "-")
    entry, package = said.get("entry-point", name), said.get("package", f"bad_{stem}")
    inside = folder / stem / "src" / package
    inside.mkdir(parents=True)
    (inside / "__init__.py").write_text(f'"""Bad on purpose: {stem}."""\n\n__version__ = "0.3.0"\n')
    (inside / "plugin.py").write_text(source, encoding="utf-8")
    (folder / stem / "pyproject.toml").write_text(
        f"""
        [build-system]
        requires = ["flit_core>=3.9"]
        build-backend = "flit_core.buildapi"
        [project]
        name = "{name}"
        dynamic = ["version", "description"]
        requires-python = ">=3.11"
        [project.entry-points.runicorn]
        {entry} = "{package}.plugin"
        [tool.flit.module]
        name = "{package}"
        """
    )
    return folder / stem


@frozen
class Environment:
    """An interpreter with Runicorn installed, and what strangers' packages are to be seen by it."""

    python: Path
    site: Path
    home: Path
    strangers: Sequence[Path] = ()  # folders with unpacked wheels
    more: Mapping[str, str] = field(factory=dict)  # environment variables

    def variables(self, **more: str) -> dict[str, str]:
        """The environment variables of its processes."""
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "RUNICORN_"))}
        return environ | {
            "PYTHONPATH": os.pathsep.join(map(str, self.strangers)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "RUNICORN_HOME": str(self.home),
            "RUNICORN_DIR": str(self.home / "runs"),
            **self.more,
            **more,
        }

    def run(self, *arguments: str, expect: int | None = 0, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the interpreter.

        :param expect: the exit code; None = any.
        """
        environ = self.variables(**variables)
        command = [str(self.python), *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environ, cwd=self.home, timeout=100
        )
        assert expect is None or done.returncode == expect, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    def cli(self, *arguments: str, expect: int | None = 0, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "runicorn", *arguments, expect=expect, **variables)

    def plugins(self) -> dict[tuple[str, str], dict[str, Any]]:
        """(plugin, distribution) -> what ``plugins list --check`` says."""
        listed = json.loads(self.cli("plugins", "list", "--check", "--json", expect=None).stdout)
        return {(row["name"], row["distribution"]): row for row in listed}

    def runs(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.cli("runs", "list", "--json").stdout)
        return rows


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(interpreter, its site-packages) with our wheels, and the libraries of this environment without its clones."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True)
    paths = sysconfig.get_paths("venv", vars={"base": str(home), "platbase": str(home)})
    site = Path(paths["purelib"])
    unpack(build(OURS, tmp_path_factory.mktemp("wheels")), site)
    compileall.compile_dir(site, quiet=1)  # as installers do
    # The .pth files of a folder that is itself named in a .pth file are not read.
    (site / "libraries.pth").write_text(sysconfig.get_paths()["purelib"])
    return Path(paths["scripts"]) / "python", site


@pytest.fixture(scope="session")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Name of a package below ``packages`` -> a folder where its wheel is unpacked."""
    folder = tmp_path_factory.mktemp("strangers")
    found = {path.parent.name: path.parent for path in (HERE / "packages").glob("*/pyproject.toml")}
    for module in sorted((HERE / "packages/bad").glob("*.py*")):
        found[module.name.partition(".")[0]] = package_of(module, folder / "sources")
    wheels = build(list(found.values()), folder / "wheels")
    unpacked = {}
    for name, wheel in zip(found, wheels, strict=True):
        unpacked[name] = folder / "sites" / name
        unpack([wheel], unpacked[name])
    return unpacked


Make = Callable[..., Environment]


@pytest.fixture
def environment(installed: tuple[Path, Path], strangers: dict[str, Path], tmp_path: Path) -> Make:
    """Makes an environment that sees some strangers' packages, and a home of its own."""
    python, site = installed

    def make(*names: str) -> Environment:
        home = tmp_path / "stranger"
        home.mkdir(exist_ok=True)
        return Environment(python, site, home, [strangers[name] for name in names])

    return make


@pytest.fixture
def install(tmp_path: Path) -> Callable[[Path], Path]:
    """Builds a distribution's wheel and unpacks it; returns the folder to put on the path."""

    def make(source: Path) -> Path:
        site = tmp_path / "sites" / source.name
        unpack(build([source], tmp_path / "wheels"), site)
        return site

    return make


@pytest.fixture
def serving() -> Callable[[Environment], AbstractContextManager[str]]:
    """Starts the viewer of an environment, and gives its address."""

    @contextmanager
    def start(env: Environment) -> Iterator[str]:
        command = [str(env.python), "-m", "runicorn", "viewer", "--port", "0", "--no-open"]
        with subprocess.Popen(
            command, env=env.variables(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=env.home
        ) as process:
            try:
                assert process.stdout is not None
                yield process.stdout.readline().split()[-1]
            finally:
                process.terminate()
                process.communicate(timeout=60)

    return start


@pytest.fixture
def listening(
    serving: Callable[[Environment], AbstractContextManager[str]],
) -> Callable[[Environment], AbstractContextManager[Callable[[str], Any]]]:
    """Starts the viewer of an environment, and gives a function that gets JSON from it."""

    @contextmanager
    def start(env: Environment) -> Iterator[Callable[[str], Any]]:
        with serving(env) as address:

            def get(path: str) -> Any:
                with urlopen(address + path, timeout=60) as answer:
                    return json.loads(answer.read())

            yield get

    return start
