"""A package that this repository does not know adds everything that can be added, and governs nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

Make = Callable[..., Any]

TRAINING = """
import runicorn as rn
with rn.init(project="p") as run:
    run.log({"grad": 1.0})
    run.log({"grad": 512.0})
    print(run.judge(rn.Verdict("well done")))
print(run.id)
"""


@pytest.fixture
def env(environment: Make, tmp_path: Path, install: Callable[[Path], Path]) -> Any:
    """Runicorn with ``acme-complete``, and with the storage that ``plugins new`` wrote for ``acme-sqlite``."""
    command = [sys.executable, "-m", "runicorn", "plugins", "new", "acme-sqlite", "--kind", "storage"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    env = environment("acme_complete")
    return evolve(env, strangers=[*env.strangers, install(tmp_path / "acme-sqlite")])


@pytest.mark.parametrize("backend", ["jsonl", "acme-sqlite"])
def test_it_works_through_the_sdk_the_command_line_and_http(
    env: Any, backend: str, listening: Callable[..., Any]
) -> None:
    env = evolve(env, more={"RUNICORN_BACKEND": backend})
    rows = env.plugins()
    assert rows["acme", "acme-complete"] | {"load_ms": 0, "load_mb": 0} == {
        "name": "acme",
        "distribution": "acme-complete",
        "version": "1.4.2",
        "state": "active",
        "reason": "",
        "adds": [
            "command acme",
            "environment",
            "exporter yaml",
            "health checks",
            "monitors",
            "observer",
            "panels",
            "rn.Verdict",
            "routes",
            "run.judge",
            "settings",
        ],
        "hooks": [
            "alert_raised",
            "collect_environment",
            "config_schema",
            "health_checks",
            "register_api",
            "register_commands",
            "register_exporters",
            "register_monitors",
            "viewer_panels",
            "viewer_routes",
        ],
        "load_ms": 0,
        "load_mb": 0,
        "errors": [],
        "warnings": [],
    }
    assert {row["state"] for row in rows.values()} == {"active"}

    # The environment of a loaded machine may take longer than its five seconds.
    said, run_id = env.run("-c", TRAINING, RUNICORN_PLUGINS_DISABLE="environment").stdout.split("\n")[:2]
    assert said == "well done"
    (shown,) = json.loads(env.cli("runs", "show", run_id, "--json").stdout)
    assert (shown["status"], shown["summary"]) == ("finished", {"verdict": "well done", "good": True})
    assert shown["trouble"] == []
    folder = env.home / "runs" / "p" / "default" / "runs" / run_id
    assert (folder / "run.sqlite").exists() == (backend == "acme-sqlite")
    assert (folder / "acme-alerts.txt").read_text() == "warning grad is 512\n"

    assert env.cli("acme").stdout == "1 runs\n"
    assert env.cli("export", run_id, "--format", "yaml", "-o", "-").stdout == f"{run_id}:\n  grad: 512.0\n"
    assert env.cli("export", run_id, "--format", "csv", "-o", "-").stdout.count("\n") == 3
    assert "acme-fine" in env.cli("doctor").stdout
    assert env.cli("config", "get", "acme.limit").stdout == "100\n"
    wrong = env.cli("config", "set", "acme.limti", "5", expect=2)
    assert "did you mean acme.limit?" in wrong.stderr

    with listening(env) as get:
        assert get("/api/acme/count?project=p") == {"runs": 1, "project": "p"}
        assert "/api/acme/count" in get("/api/openapi.json")["paths"]
        assert [run["id"] for run in get("/api/experiments")] == [run_id]


def test_its_settings_hold(env: Any) -> None:
    (env.home / "runicorn.toml").write_text("[acme]\nlimit = 1000.0\n")
    run_id = env.run("-c", TRAINING).stdout.split()[-1]
    assert not (env.home / "runs/p/default/runs" / run_id / "acme-alerts.txt").exists()


def test_it_can_be_switched_off_and_on(env: Any) -> None:
    env.cli("plugins", "disable", "acme", "acme-sqlite")
    assert {row["state"] for (name, _), row in env.plugins().items() if name.startswith("acme")} == {"disabled"}
    assert "No such command 'acme'" in env.cli("acme", expect=2).stderr
    env.cli("plugins", "enable", "acme")
    assert env.cli("acme").stdout == "0 runs\n"
    misspelled = env.cli("plugins", "disable", "acne", expect=2)
    assert misspelled.stderr == "error: no plugin 'acne' is installed; did you mean 'acme'?\n"
