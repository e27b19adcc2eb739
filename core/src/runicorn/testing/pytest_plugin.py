"""Fixtures for tests of plugins. To opt in, say in ``conftest.py``::

    pytest_plugins = ["runicorn.testing.pytest_plugin"]

Every test then has a home and a storage root of its own, and errors of plugins fail it. The other fixtures come when
they are asked for.
"""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..loader import Manager, use_manager
from .viewer import ViewerClient

if TYPE_CHECKING:
    from ..sdk.run import Run


class UnfinishedRun(UserWarning):
    """A test has left a run open."""


@pytest.fixture(autouse=True)
def runicorn_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A home of this test alone: configuration, state, cache below it, runs beside it in ``root``.

    No variable ``RUNICORN_*`` of the outside holds, and what a plugin raises is raised
    (``RUNICORN_PLUGINS_STRICT=1``; a test of what happens without sets it to ``0``). A run that the test leaves open
    is finished, with a warning that names both: the next test would log into it.
    """
    for name in [name for name in os.environ if name.startswith("RUNICORN_")]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("RUNICORN_HOME", str(home))
    monkeypatch.setenv("RUNICORN_DIR", str(tmp_path / "root"))
    monkeypatch.setenv("RUNICORN_PLUGINS_STRICT", "1")
    yield home
    active = sys.modules.get("runicorn.sdk.active")
    for run in reversed(active.unfinished()) if active is not None else ():
        run.finish()
        warnings.warn(f"{request.node.nodeid} left the run {run.id} open", UnfinishedRun, stacklevel=1)


@pytest.fixture
def plugin_manager(runicorn_home: Path) -> Iterator[Manager]:
    """A fresh plugin manager: the installed plugins, loaded anew, and what the test adds with ``add(name, object)``."""
    with use_manager(Manager()) as manager:
        yield manager


@pytest.fixture
def run(plugin_manager: Manager) -> Iterator[Run]:
    """A run that is being recorded; finished after the test."""
    from ..sdk.start import init

    with init(project="test") as run:
        yield run


@pytest.fixture
def viewer(runicorn_home: Path) -> Iterator[ViewerClient]:
    """The viewer as its users start it, on a free port, with a client for its HTTP API. Stopped after the test."""
    command = [sys.executable, "-m", "runicorn", "viewer", "--port", "0", "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()  # "Runicorn is at http://127.0.0.1:23300"
            if not said:
                process.wait(60)
                assert process.stderr is not None
                pytest.fail(f"the viewer did not start: {process.stderr.read()}")
            yield ViewerClient(said.split()[-1])
        finally:
            process.terminate()
            process.communicate(timeout=60)
