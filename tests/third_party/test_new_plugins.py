"""``runicorn plugins new``: what it writes is a distribution whose tests pass at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from runicorn.cli.scaffold import KINDS

Install = Callable[[Path], Path]


def new(name: str, kind: str, into: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runicorn", "plugins", "new", name, "--kind", kind]
    return subprocess.run(command, capture_output=True, text=True, cwd=into, check=False)


@pytest.mark.parametrize("kind", KINDS)
def test_the_tests_of_a_new_plugin_pass_at_once(kind: str, tmp_path: Path, install: Install) -> None:
    name = f"acme-new-{kind}"
    done = new(name, kind, tmp_path)
    assert done.returncode == 0, done.stderr
    written = {tmp_path / line for line in done.stdout.splitlines()}
    assert {path for path in (tmp_path / name).rglob("*") if path.is_file()} == written
    assert tmp_path / name / "README.md" in written
    environ = {**os.environ, "PYTHONPATH": str(install(tmp_path / name)), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    tested = subprocess.run(command, cwd=tmp_path / name, env=environ, capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "skipped" not in tested.stdout


#: pytest in a process that takes itself for one of a container.
IN_CONTAINER = "import pytest, runicorn.host as h, sys; h._OF_THE_MACHINE = ''; sys.exit(pytest.main(sys.argv[1:]))"


def test_a_new_storage_sees_in_a_container_that_a_process_is_gone(tmp_path: Path, install: Install) -> None:
    assert new("acme-boxed", "storage", tmp_path).returncode == 0
    environ = {**os.environ, "PYTHONPATH": str(install(tmp_path / "acme-boxed")), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", IN_CONTAINER, "-q", "-p", "no:cacheprovider", "-k", "whose_process_is_gone"]
    tested = subprocess.run(
        command, cwd=tmp_path / "acme-boxed", env=environ, capture_output=True, text=True, check=False
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "1 passed" in tested.stdout


def test_a_new_plugin_is_clean_for_linter_and_type_checker(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    for kind in KINDS:
        assert new(f"acme-new-{kind}", kind, tmp_path).returncode == 0
    sources = [str(path) for path in sorted(tmp_path.glob("*/src")) + sorted(tmp_path.glob("*/tests"))]
    select = ["--isolated", "--select", "E,F,W,UP,B,SIM,RUF", "--ignore", "RUF001", "--line-length", "120"]
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", *select, "--target-version", "py311", *sources]
    done = subprocess.run(ruff, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    environ = {**os.environ, "MYPYPATH": os.pathsep.join([str(root / "core/src"), *sources[: len(KINDS)]])}
    typed = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, "--explicit-package-bases"]
    typed += ["--cache-dir", os.devnull, "--disable-error-code", "empty-body", "--exclude", "conftest", *sources]
    done = subprocess.run(typed, capture_output=True, text=True, check=False, env=environ)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Acme", "must be small letters, digits and dashes"),
        ("../acme", "must be small letters, digits and dashes"),
        ("json", "is taken by Python or Runicorn; begin with your own, e.g. acme-json"),
        ("runicorn", "is taken by Python or Runicorn"),
        ("taken", "would overwrite"),
    ],
)
def test_a_name_that_cannot_be_used_writes_nothing(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/precious.txt").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    done = new(name, "command", tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_a_new_plugin_is_listed_beside_ours(environment: Callable[..., Any], tmp_path: Path, install: Install) -> None:
    assert new("acme-count", "command", tmp_path).returncode == 0
    env = evolve(environment(), strangers=[install(tmp_path / "acme-count")])
    row = env.plugins()["acme-count", "acme-count"]
    assert (row["state"], row["adds"]) == ("active", ["command acme-count"])
    env.run("-c", "import runicorn as rn; rn.init(project='p').finish()")
    assert env.cli("acme-count").stdout == "p\t1\n"
    assert json.loads(env.cli("runs", "list", "--json").stdout)
