"""Every plugin of ours can be away: the rest works, and what is missing is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

TRAINING = """
import runicorn as rn
with rn.init(project="p") as run:
    run.log({"loss": 1.0})
    run.log({"loss": float("nan")})
print(run.id)
"""

Make = Callable[..., Any]


def recorded(env: Any, **variables: str) -> dict[str, Any]:
    """A run that was recorded without something, read with everything."""
    run_id = env.run("-c", TRAINING, **variables).stdout.split()[-1]
    (shown,) = json.loads(env.cli("runs", "show", run_id, "--json").stdout)
    assert (shown["status"], shown["metrics"][0]["n"]) == ("finished", 2)
    return dict(shown)


@pytest.mark.parametrize(
    ("plugin", "arguments", "code", "words"),
    [
        ("viewer-http", ["viewer"], 2, "No such command 'viewer'"),
        ("exporters", ["export", "x"], 2, "No such command 'export'"),
        ("storage-jsonl", ["runs", "list"], 2, "no storage plugin is active; see: runicorn plugins list --check"),
    ],
)
def test_a_command_whose_plugin_is_away_says_what_is_missing(
    environment: Make, plugin: str, arguments: list[str], code: int, words: str
) -> None:
    done = environment().cli(*arguments, expect=code, RUNICORN_PLUGINS_DISABLE=plugin)
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("plugin", "code"),
    [
        ("media", "import runicorn as rn; rn.Image"),
        ("environment", "import runicorn as rn; rn.EnvironmentCapture"),
        ("monitors", "import runicorn as rn; run = rn.init(project='p'); run.alert('x')"),
    ],
)
def test_a_name_whose_plugin_is_away_says_where_to_look(environment: Make, plugin: str, code: str) -> None:
    done = environment().run("-c", code, expect=1, RUNICORN_PLUGINS_DISABLE=plugin)
    assert "AttributeError: no active plugin provides" in done.stderr
    assert "runicorn plugins list --check" in done.stderr


@pytest.mark.parametrize("plugin", ["environment", "exporters", "media", "monitors", "viewer-http"])
def test_recording_goes_on_without(environment: Make, plugin: str) -> None:
    recorded(environment(), RUNICORN_PLUGINS_DISABLE=plugin)


def test_recording_with_storage_alone_is_recording(environment: Make) -> None:
    shown = recorded(environment(), RUNICORN_PLUGINS_ONLY="storage-jsonl")
    assert shown["trouble"] == []


@pytest.mark.parametrize(
    "variables",
    [{"RUNICORN_NO_PLUGINS": "1"}, {"RUNICORN_PLUGINS_DISABLE": "storage-jsonl"}],
    ids=["none", "no storage"],
)
def test_recording_without_storage_goes_to_the_spool_and_is_recovered(
    environment: Make, variables: dict[str, str]
) -> None:
    env = environment()
    done = env.run("-c", TRAINING, **variables)
    assert "no storage plugin is active" in done.stderr
    assert env.runs() == []
    env.cli("runs", "recover")
    (shown,) = json.loads(env.cli("runs", "show", done.stdout.split()[-1], "--json").stdout)
    assert (shown["status"], shown["metrics"][0]["n"]) == ("finished", 2)


def test_without_any_plugin_the_command_line_still_explains_itself(environment: Make) -> None:
    env = environment()
    text = env.cli("--help", RUNICORN_NO_PLUGINS="1").stdout
    assert "viewer" not in text.replace("runicorn viewer", "")
    assert "plugins" in text
    listed = json.loads(env.cli("plugins", "list", "--json", RUNICORN_NO_PLUGINS="1").stdout)
    assert {row["reason"] for row in listed} == {"by RUNICORN_NO_PLUGINS"}
    assert env.cli("doctor", expect=1, RUNICORN_NO_PLUGINS="1").stdout.count("FAIL") == 1
