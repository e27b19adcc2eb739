"""What is not committed, which GPUs and frameworks there are, and the command that shows it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import types
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn_environment.capture import EnvironmentCapture
from runicorn_environment.code import patch
from runicorn_environment.command import differences
from runicorn_environment.gpus import frameworks, gpus

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git; on Debian: apt-get install git")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "train.py").write_text("lr = 1\n")
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=n", "-c", "user.email=e@x", "commit", "-qm", "one"]):
        subprocess.run(["git", "-C", folder, *words], check=True)
    return folder


@needs_git
def test_what_is_not_committed_can_be_applied_again(clone: Path) -> None:
    (clone / "train.py").write_text("lr = 2\n")
    found = patch(clone, 10_000)
    assert found["patch_bytes"] == len(str(found["patch"]).encode())
    subprocess.run(["git", "-C", clone, "checkout", "-q", "."], check=True)
    subprocess.run(["git", "-C", clone, "apply"], input=str(found["patch"]), text=True, check=True)
    assert (clone / "train.py").read_text() == "lr = 2\n"


@needs_git
def test_how_the_user_likes_to_read_patches_changes_none(clone: Path) -> None:
    (clone / "train.py").write_text("lr = 2\n")
    plain = patch(clone, 10_000)
    for option, value in (("diff.noprefix", "true"), ("color.diff", "always"), ("diff.external", "false")):
        subprocess.run(["git", "-C", clone, "config", option, value], check=True)
    assert patch(clone, 10_000) == plain


@needs_git
def test_a_patch_says_which_commits_of_submodules_there_are(clone: Path) -> None:
    inner = clone / "inner"

    def commit(folder: Path) -> str:
        words = ("-c", "user.name=n", "-c", "user.email=e@x", "commit", "-q", "--allow-empty", "-m", "one")
        subprocess.run(["git", "-C", folder, *words], check=True)
        return subprocess.check_output(["git", "-C", folder, "rev-parse", "HEAD"], text=True).strip()

    inner.mkdir()
    subprocess.run(["git", "-C", inner, "init", "-q"], check=True)
    first = commit(inner)
    subprocess.run(["git", "-C", clone, "-c", "advice.addEmbeddedRepo=false", "add", "inner"], check=True)
    commit(clone)
    second = commit(inner)
    text = str(patch(clone, 10_000)["patch"])
    assert f"-Subproject commit {first}\n+Subproject commit {second}\n" in text


@needs_git
def test_a_patch_that_is_too_long_is_left_out_and_its_length_told(clone: Path) -> None:
    (clone / "train.py").write_text("lr = 2\n" * 1000)
    found = patch(clone, 1000)
    assert found["patch"] is None
    assert int(str(found["patch_bytes"])) > 7000


@needs_git
def test_secrets_in_a_patch_are_hidden(clone: Path) -> None:
    token = "ghp_" + "a1B2" * 9
    (clone / "train.py").write_text(f"token = '{token}'\n")
    text = str(patch(clone, 10_000)["patch"])
    assert token not in text
    assert "***" in text


@needs_git
def test_a_run_keeps_its_patch_and_the_command_prints_it(clone: Path) -> None:
    program = "import runicorn as rn; run = rn.init('p'); run.log(x=1); run.finish(); print(run.id)"
    (clone / "train.py").write_text(program)
    ids = []
    for _ in range(2):
        said = subprocess.run([sys.executable, "train.py"], cwd=clone, capture_output=True, text=True, check=True)
        ids.append(said.stdout.strip())
        (clone / "train.py").write_text(program + "\n# changed")

    def shown(*words: str) -> str:
        command = [sys.executable, "-m", "runicorn", "environment", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert "+import runicorn as rn" in shown(ids[0], "--patch")
    assert json.loads(shown(ids[0]))["git"]["dirty"] is True
    lines = {line.split("\t")[0] for line in shown(*ids).splitlines()}
    assert {"git/patch", "git/patch_bytes"} <= lines
    assert "python/version" not in lines
    assert json.loads(shown())["python"]["version"]


def test_differences_name_what_one_lacks() -> None:
    found = differences({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": 1}, "d": [2], "e": None, "f": 3})
    assert found == {"a/c": (2, None), "d": ([1], [2]), "f": (None, 3)}


def test_gpus_are_described(driver: Any) -> None:
    found: Any = gpus()
    assert (found["available"], found["driver"], found["cuda"]) == (True, "580.65.06", "13.2")
    assert found["gpus"][1]["name"] == "NVIDIA T4"
    assert driver.connections == 0


def test_without_a_driver_the_reason_is_kept(no_driver: None) -> None:
    found = EnvironmentCapture().capture()["gpus"]
    assert isinstance(found, dict)
    assert found["available"] is False
    assert "no NVIDIA driver is installed" in str(found["reason"])


def test_a_driver_that_hangs_costs_nothing_else(driver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr("runicorn_environment.gpus.LIMIT_S", 0.1)
    monkeypatch.setattr(type(driver), "_nvmlInitWithFlags", lambda self, flags: release.wait(250) and 0)
    assert "did not answer" in str(gpus()["reason"])
    release.set()


def test_frameworks_are_told_as_far_as_they_are_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", types.SimpleNamespace(__version__="0.9"))
    version = types.SimpleNamespace(cuda="13.0", hip=None)
    torch = types.SimpleNamespace(__version__="2.12.0+cu130", version=version)
    monkeypatch.setitem(sys.modules, "torch", torch)
    found = frameworks()
    assert found["torch"] == {"version": "2.12.0+cu130", "cuda": "13.0", "hip": None}
    assert found["jax"] == {"version": "0.9"}


def test_ranks_of_other_launchers_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PMI_RANK", "3")
    monkeypatch.setenv("MV2_COMM_WORLD_LOCAL_RANK", "1")
    variables = rn.EnvironmentCapture().capture()["variables"]
    assert (variables["PMI_RANK"], variables["MV2_COMM_WORLD_LOCAL_RANK"]) == ("3", "1")
