"""Each test has a storage root and a home of its own; programs run in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from runicorn.sdk.active import unfinished

Script = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for variable in [name for name in os.environ if name.startswith("RUNICORN_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("RUNICORN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUNICORN_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("RUNICORN_PLUGINS_STRICT", "1")
    monkeypatch.setenv("RUNICORN_RUN__CAPTURE_ENV", "false")
    yield tmp_path / "runs"
    for run in reversed(unfinished()):
        run.finish()


@pytest.fixture
def script(root: Path, tmp_path: Path) -> Script:
    def run(program: str, **options: Any) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "program.py"
        file.write_text(program, encoding="utf-8")
        return subprocess.run(
            [sys.executable, str(file)], check=False, capture_output=True, text=True, timeout=60, **options
        )

    return run
