"""The whole description: its keys, and that it reaches a run."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

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


def test_an_environment_of_conda_is_told_with_what_conda_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = tmp_path / "vision" / "conda-meta"
    records.mkdir(parents=True)
    for name in ("history", "python-3.11.7-h955ad1f_0.json", "cuda-nvcc-12.4.131-0.json", "state"):
        (records / name).touch()
    for prefix in ("prefix", "base_prefix"):
        monkeypatch.setattr(sys, prefix, str(tmp_path / "vision"))
    monkeypatch.delenv("CONDA_DEFAULT_ENV", raising=False)
    found: Any = rn.EnvironmentCapture().capture()
    assert found["python"]["environment"] == {"kind": "conda", "name": "vision"}
    assert found["conda_packages"] == {"cuda-nvcc": "12.4.131", "python": "3.11.7"}


@pytest.mark.skipif(find_spec("uv") is None, reason="needs uv: pip install uv")
def test_an_environment_of_uv_is_told(tmp_path: Path) -> None:
    uv = [sys.executable, "-m", "uv", "venv", "-q", "--offline", "--python", sys.executable, str(tmp_path / "made")]
    subprocess.run(uv, check=True)
    program = "from runicorn_environment.python import interpreter; print(interpreter()['environment'])"
    python = tmp_path / "made" / ("Scripts" if os.name == "nt" else "bin") / "python"
    path = os.pathsep.join(entry for entry in sys.path if entry)
    environment = {**os.environ, "PYTHONPATH": path}
    said = subprocess.run([python, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout == "{'kind': 'uv', 'name': 'made'}\n"
