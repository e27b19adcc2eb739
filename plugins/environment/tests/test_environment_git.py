"""What is said of a repository; with the real git."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from runicorn_environment.code import repository

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git; on Debian: apt-get install git")


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *identity, "-C", folder, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "code with spaces"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "train.py").write_text("print(1)\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "First step")
    return folder


def test_a_clean_repository(clone: Path) -> None:
    git(clone, "remote", "add", "origin", "https://me:token@example.org/code.git")
    (clone / "sub").mkdir()
    assert repository(clone / "sub") == {
        "commit": git(clone, "rev-parse", "HEAD"),
        "branch": "main",
        "dirty": False,
        "changed_files": 0,
        "remote": "https://example.org/code.git",
        "subject": "First step",
    }


def test_changed_staged_and_renamed_files_are_counted_untracked_ones_are_not(clone: Path) -> None:
    (clone / "notes").write_text("untracked")
    state = repository(clone)
    assert state is not None
    assert (state["dirty"], state["changed_files"]) == (False, 0)
    (clone / "new.py").write_text("x")
    git(clone, "add", "new.py")
    git(clone, "mv", "train.py", "fit.py")
    state = repository(clone)
    assert state is not None
    assert (state["dirty"], state["changed_files"]) == (True, 2)


def test_a_detached_head_has_a_commit_and_no_branch(clone: Path) -> None:
    git(clone, "checkout", "-q", "--detach")
    state = repository(clone)
    assert state is not None
    assert (state["commit"], state["branch"]) == (git(clone, "rev-parse", "HEAD"), None)


def test_a_repository_without_a_commit(clone: Path) -> None:
    empty = clone.parent / "empty"
    empty.mkdir()
    git(empty, "init", "-q")
    state = repository(empty)
    assert state is not None
    assert (state["commit"], state["branch"], state["subject"]) == (None, "main", None)


def test_the_remote_of_the_branch_comes_before_origin(clone: Path) -> None:
    upstream = clone.parent / "upstream.git"
    git(clone.parent, "init", "-q", "--bare", str(upstream))
    git(clone, "remote", "add", "origin", "https://example.org/fork.git")
    git(clone, "remote", "add", "team", str(upstream))
    git(clone, "push", "-q", "-u", "team", "main")
    state = repository(clone)
    assert state is not None
    assert state["remote"] == str(upstream)


def test_outside_of_a_repository_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert repository(tmp_path) is None
    assert repository(tmp_path / "missing") is None
    assert repository(None) is None


def test_of_a_repository_that_git_does_not_trust_the_reason_is_told(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own way to say that somebody else owns it
    found = repository(clone)
    assert found is not None
    assert list(found) == ["reason"]
    assert "git config --global --add safe.directory" in str(found["reason"])


def test_without_git_there_is_none(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(clone))
    assert repository(clone) is None


def test_a_hanging_git_is_given_up(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = clone / "git"
    stand_in.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(250)\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(clone))
    monkeypatch.setattr("runicorn_environment.code.LIMIT_S", 0.5)
    assert repository(clone) is None


def test_describing_a_repository_neither_writes_into_it_nor_runs_its_programs(clone: Path) -> None:
    program = clone.parent / "monitor"
    program.write_text(f"#!/bin/sh\ntouch '{clone.parent}/was-run'\n")
    program.chmod(0o755)
    git(clone, "config", "core.fsmonitor", str(program))
    os.utime(clone / "train.py", (1, 1))  # an index that git would like to refresh
    index = (clone / ".git/index").read_bytes()
    (clone / ".git/index.lock").touch()  # the user's own git is at work
    assert repository(clone) is not None
    assert (clone / ".git/index").read_bytes() == index
    assert not (clone.parent / "was-run").exists()
