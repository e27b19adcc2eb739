"""Type checkers know the names that plugins add, strangers' ones too."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROGRAM = """
from typing import assert_type
import runicorn as rn
from runicorn.hooks import open_store
from runicorn.model.run import ExperimentRecord

def train() -> None:
    with rn.init("p", params={"lr": 0.1}) as run:
        run.log({"loss": 1.0})
        run.log_image("digits", rn.Image(b""))
        run.alert("look", level="info")
        assert_type(run.judge(rn.Verdict("good", good=True)), str)
        rn.log_image("digits", b"")
    active = rn.get_active_run()
    if active is not None:
        active.log_image("x", b"")
    for record in open_store().list_runs():
        assert_type(record, ExperimentRecord)
    assert_type([plugin.name for plugin in rn.plugins()], list[str])
"""
WRONG = """
import runicorn as rn

def train(run: rn.Run) -> None:
    run.log_image()
    run.judge("no verdict")
    rn.Verdict(good="yes")
    rn.init(projekt="p")
    rn.nothing
"""


def test_mypy_knows_what_plugins_add(environment: Callable[..., Any], tmp_path: Path) -> None:
    env = environment("acme_complete")
    site = tmp_path / "site"
    done = env.cli("plugins", "stubs", "--into", str(site))
    assert done.stdout == f"{site / 'runicorn-stubs/__init__.pyi'}\n"

    def check(program: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "program.py").write_text(program)
        command = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, "--no-error-summary"]
        command += ["--python-executable", str(env.python), "--cache-dir", str(tmp_path / "cache"), "program.py"]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    # mypy looks into site-packages and where its .pth files lead.
    (env.site / "strangers.pth").write_text("\n".join(map(str, [site, *env.strangers])))
    try:
        right, wrong = check(PROGRAM), check(WRONG)
    finally:
        (env.site / "strangers.pth").unlink()
    assert right.returncode == 0, right.stdout
    codes = [line.rpartition("[")[2].rstrip("]") for line in wrong.stdout.splitlines() if ": error:" in line]
    assert codes == ["call-arg", "arg-type", "call-arg", "arg-type", "call-arg", "attr-defined"], wrong.stdout
