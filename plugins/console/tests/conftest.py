"""Programs that print, in processes of their own; what they left in their logs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from attrs import frozen
from runicorn.hooks import open_store

BEGIN = """
import os, signal, subprocess, sys, threading, time
import runicorn as rn
from runicorn_console import descriptors
descriptors.DRAIN_S = descriptors.CATCH_UP_S = 60.0  # a loaded machine
run = rn.init("console", capture_env=False, capture_console=True)
"""


@frozen
class Printed:
    """What came of a program."""

    code: int
    out: str
    err: str
    root: Path

    def lines(self) -> list[tuple[str, str]]:
        """(stream, text) of every line of the run's log."""
        store = open_store()
        (record,) = store.list_runs()
        return [
            (line.stream if line.level is None else f"{line.stream}/{line.level}", line.text)
            for line in store.open_run(record.ref).logs(limit=100_000).lines
        ]

    def troubles(self) -> list[str]:
        (record,) = open_store().list_runs()
        return [str(entry["what"]) for entry in record.trouble]

    def log_files(self) -> list[str]:
        """The texts of the log files, without times, the first process's first."""
        texts = [path.read_text() for path in sorted(self.root.rglob("logs*.txt"), key=lambda path: len(path.name))]
        return [re.sub(r"^\S+Z ", "", text, flags=re.MULTILINE) for text in texts]


@pytest.fixture
def environment() -> Mapping[str, str]:
    """This test's storage root, for a process."""
    return {**os.environ, "RUNICORN_DIR": str(open_store().root), "PYTHONUNBUFFERED": ""}


@pytest.fixture
def printed(environment: Mapping[str, str], tmp_path: Path) -> Callable[..., Printed]:
    """Run a program after :data:`BEGIN`."""

    def run(program: str, **variables: str) -> Printed:
        file = tmp_path / "program.py"
        file.write_text(BEGIN + dedent(program))
        done = subprocess.run(
            [sys.executable, str(file)],
            env={**environment, **variables},
            capture_output=True,
            check=False,
            timeout=200,
        )
        return Printed(done.returncode, done.stdout.decode(), done.stderr.decode(), open_store().root)

    return run
