"""Fixtures for tests of runs: a storage root of one's own, and what stands in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from runicorn import Run
from runicorn.contracts import RunReader
from runicorn.hooks import open_store
from runicorn.loader import Manager, use_manager
from runicorn.model.run import ExperimentRecord

ReadBack = Callable[[], RunReader]
Script = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The storage root, with home and configuration folders beside it; runs that a test leaves open are finished."""
    for variable in [name for name in os.environ if name.startswith("RUNICORN_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("RUNICORN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUNICORN_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("RUNICORN_PLUGINS_STRICT", "1")
    monkeypatch.setenv("RUNICORN_RUN__CAPTURE_ENV", "false")
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "runs"
    from runicorn.sdk.active import unfinished

    for run in reversed(unfinished()):
        run.finish()


@pytest.fixture
def plugins() -> Iterator[Manager]:
    """A plugin manager of the test's own, with the installed plugins and what the test adds."""
    with use_manager(Manager()) as manager:
        yield manager


@pytest.fixture
def only_run(root: Path) -> Callable[[], ExperimentRecord]:
    """The one run below the root."""

    def find() -> ExperimentRecord:
        (record,) = open_store(root).list_runs()
        return record

    return find


@pytest.fixture
def read_back(root: Path, only_run: Callable[[], ExperimentRecord]) -> ReadBack:
    """A reader of the one run below the root."""
    return lambda: open_store(root).open_run(only_run().ref)


@pytest.fixture
def script(root: Path, tmp_path: Path) -> Script:
    """Run a Python program in a process of its own, beside the test's root."""

    def run(program: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "program.py"
        file.write_text(program, encoding="utf-8")
        return subprocess.run(
            [sys.executable, str(file), *arguments],
            check=False, capture_output=True, text=True, timeout=60, **options,
        )  # fmt: skip

    return run


@pytest.fixture
def records() -> Callable[[Run], list[tuple[int, dict[str, Any]]]]:
    """(step, data) of every record of a run, as a reader gets them now."""

    def read(run: Run) -> list[tuple[int, dict[str, Any]]]:
        (found,) = open_store(run.dir.parents[run.name.count("/") + 3]).find_runs(run.id)
        reader = open_store(run.dir.parents[run.name.count("/") + 3]).open_run(found.ref)
        return [(record.step, dict(record.data)) for record in reader.records()]

    return read
