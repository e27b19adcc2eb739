"""The whole description: its keys, and that it reaches a run."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import runicorn as rn
from runicorn.hooks import open_store
from runicorn_environment.capture import EnvironmentCapture

KEYS = [
    "python",
    "platform",
    "hardware",
    "packages",
    "git",
    "gpus",
    "frameworks",
    "command",
    "working_directory",
    "variables",
]


def test_a_capture_has_the_documented_keys_and_is_json() -> None:
    found = EnvironmentCapture().capture()
    assert list(found) == KEYS
    assert json.loads(json.dumps(found)) == found
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    for key in KEYS:
        assert f"| `{key}` |" in readme
        inner = found[key]
        if isinstance(inner, dict) and key not in ("packages", "variables"):
            assert [name for name in inner if f"`{name}`" not in readme] == []


def test_packages_are_those_that_the_interpreter_imports() -> None:
    packages = EnvironmentCapture().capture()["packages"]
    assert isinstance(packages, dict)
    assert packages["attrs"] == version("attrs")
    assert packages["runicorn-core"] == version("runicorn-core")


def test_a_removed_working_folder_is_no_error(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    program = "import os; from runicorn_environment.capture import EnvironmentCapture; os.rmdir(os.getcwd())\n"
    program += "found = EnvironmentCapture().capture(); assert found['working_directory'] is None, found"
    subprocess.run([sys.executable, "-c", program], cwd=gone, check=True)


def test_hook_collect_environment_describes_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "4")
    with rn.init(project="p", capture_env=True) as run:
        run.log({"loss": 1.0})
    (record,) = open_store().find_runs(run.id)
    found = open_store().open_run(record.ref).read("environment")["environment"]
    assert isinstance(found, dict)
    assert list(found) == KEYS
    assert found["python"]["version"] == platform.python_version()
    assert found["variables"]["WORLD_SIZE"] == "4"


def test_hook_config_schema_adds_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runicorn.toml").write_text('[environment]\nvariables = ["DATA_*"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_VERSION", "7")
    with rn.init(project="p", capture_env=True) as run:
        run.log({"loss": 1.0})
    (record,) = open_store().find_runs(run.id)
    found = open_store().open_run(record.ref).read("environment")["environment"]
    assert isinstance(found, dict)
    assert found["variables"]["DATA_VERSION"] == "7"


def test_capture_can_be_switched_off() -> None:
    with rn.init(project="p", capture_env=False) as run:
        run.log({"loss": 1.0})
    assert not (run.dir / "environment.json").exists()


def test_the_class_is_importable_from_runicorn() -> None:
    assert rn.EnvironmentCapture is EnvironmentCapture
