"""What bad plugins of strangers do to training, the viewer and the truth: nothing."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TRAINING = """
import runicorn as rn
with rn.init(project="p", params={"lr": 0.1}) as run:
    for step in range(5):
        run.log({"loss": 1 / (step + 1)})
print(run.id)
"""
Make = Callable[..., Any]
Listening = Callable[..., Any]


def trained(env: Any) -> dict[str, Any]:
    """A training that goes on whatever the plugins do, and the run as ``runs show`` tells of it."""
    run_id = env.run("-c", TRAINING).stdout.split()[-1]
    (shown,) = json.loads(env.cli("runs", "show", run_id, "--json", RUNICORN_PLUGINS_DISABLE="bad-hangs").stdout)
    assert shown["status"] == "finished"
    assert [(metric["key"], metric["n"]) for metric in shown["metrics"]] == [("loss", 5)]
    return dict(shown)


#: Ours, whatever they are by now.
OURS_STAY = {path.parent.name.replace("_", "-") for path in (ROOT / "plugins").glob("*/pyproject.toml")}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("import_error", r"broken: ImportError: cannot import name 'hook_of_tomorrow' .*plugin\.py line 3\)"),
        ("missing_dependency", r"broken: ModuleNotFoundError: No module named 'surely_not_installed_anywhere'"),
        ("syntax_error", r"broken: SyntaxError in bad_syntax_error/plugin\.py line 6"),
        ("exits", r"broken: SystemExit: 3 \(bad_exits/plugin\.py line 5\)"),
        ("api_two", r"incompatible: needs plugin API 2, this Runicorn has 1"),
        ("wrong_arguments", r"broken: .*nonsense"),
    ],
)
def test_one_that_cannot_be_loaded_is_listed_with_the_reason(environment: Make, name: str, line: str) -> None:
    env = environment(name)
    trained(env)
    done = env.cli("plugins", "list", "--check", "--json", expect=1)
    states = {row["name"]: f"{row['state']}: {row['reason']}".removesuffix(": ") for row in json.loads(done.stdout)}
    bad = "bad-" + name.replace("_", "-")
    assert re.match(line, states.pop(bad)), states
    assert states == dict.fromkeys(OURS_STAY, "active")
    text = env.cli("plugins", "list", "--check", expect=1).stdout
    assert ("(runicorn plugins info " + bad + ")" in text) == line.startswith("broken")
    assert bad in env.cli("plugins", "list").stdout  # imports nothing, so it cannot fail


@pytest.mark.parametrize("name", ["raises", "exits_in_hooks", "nonsense"])
def test_one_that_fails_in_every_hook_costs_a_line_in_the_status(
    environment: Make, name: str, listening: Listening
) -> None:
    env = environment(name)
    shown = trained(env)
    bad = "bad-" + name.replace("_", "-")
    told = {str(entry["what"]).partition(":")[0] for entry in shown["trouble"] if entry["plugin"] == bad}
    if name != "nonsense":  # what an observer returns is nobody's business
        assert {"run_started", "run_finished", "collect_environment"} <= told
    assert "register_monitors" in told
    row = env.plugins()[bad, bad]
    assert row["state"] == "active"
    failed = {line.partition(":")[0] for line in row["errors"]}
    assert {"register_storage_backends", "register_api", "register_commands", "register_exporters"} <= failed
    with listening(env) as get:
        assert [run["id"] for run in get("/api/experiments")] == [shown["id"]]
        listed = {plugin["name"]: plugin for plugin in get("/api/plugins")}
        assert any("viewer_routes" in error for error in listed[bad]["errors"])


def test_one_that_hangs_in_every_hook_costs_one_wait(environment: Make, listening: Listening) -> None:
    env = environment("hangs")
    (env.home / "runicorn.toml").write_text("[plugins]\nhook_timeout = 3.0\n")
    shown = trained(env)
    row = env.plugins()["bad-hangs", "bad-hangs"]
    assert (row["state"], row["reason"]) == (
        "broken",
        "config_schema did not return within 3 s; it is not called again",
    )
    with listening(env) as get:
        assert [run["id"] for run in get("/api/experiments")] == [shown["id"]]


def test_one_with_the_name_of_ours_takes_nothing_over(environment: Make) -> None:
    env = environment("twin")
    rows = env.plugins()
    reason = (
        "plugin 'storage-jsonl' is declared by bad-twin and runicorn-storage-jsonl; set plugins.prefer.storage-jsonl"
    )
    for distribution in ("bad-twin", "runicorn-storage-jsonl"):
        row = rows["storage-jsonl", distribution]
        assert (row["state"], row["reason"].startswith(reason)) == ("conflicting", True)
    recovers(env, environment())


def test_one_whose_files_hide_ours_is_named(environment: Make) -> None:
    env = environment("thief")
    rows = env.plugins()
    for key in (("bad-thief", "bad-thief"), ("storage-jsonl", "runicorn-storage-jsonl")):
        assert rows[key]["state"] == "conflicting"
        assert (
            "package 'runicorn_storage_jsonl' is declared by bad-thief and runicorn-storage-jsonl"
            in rows[key]["reason"]
        )
    recovers(env, environment())


def test_a_folder_that_hides_ours_makes_it_broken(environment: Make, tmp_path: Path) -> None:
    env = environment()
    (env.home / "runicorn_storage_jsonl").mkdir()
    (env.home / "runicorn_storage_jsonl/__init__.py").touch()
    row = env.plugins()["storage-jsonl", "runicorn-storage-jsonl"]
    assert row["state"] == "broken"
    assert "No module named 'runicorn_storage_jsonl.plugin'" in row["reason"]
    done = env.run("-c", TRAINING)
    assert "no storage plugin is active" in done.stderr
    shutil.rmtree(env.home / "runicorn_storage_jsonl")
    env.cli("runs", "recover")
    assert [row["status"] for row in env.runs()] == ["finished"]


def recovers(env: Any, healthy: Any, told: str = "no storage plugin is active") -> None:
    """Without storage a training goes on into a spool; with storage, its run is brought home."""
    done = env.run("-c", TRAINING)
    assert told in done.stderr
    healthy.cli("runs", "recover")
    (row,) = healthy.runs()
    assert (row["id"], row["status"]) == (done.stdout.split()[-1], "finished")


def test_prefer_decides_whose_plugin_and_whose_backend_it_is(environment: Make) -> None:
    env = environment("twin", "same_backend")
    (env.home / "runicorn.toml").write_text(
        '[plugins.prefer]\nstorage-jsonl = "runicorn-storage-jsonl"\njsonl = "storage-jsonl"\n'
    )
    trained(env)
    rows = env.plugins()
    assert rows["storage-jsonl", "runicorn-storage-jsonl"]["state"] == "active"
    assert rows["storage-jsonl", "runicorn-storage-jsonl"]["adds"] == ["storage jsonl"]
    assert rows["storage-jsonl", "bad-twin"]["state"] == "disabled"
    assert rows["bad-same-backend", "bad-same-backend"]["adds"] == []


def test_two_that_offer_one_backend_are_listed_and_only_who_asks_for_it_is_told(environment: Make) -> None:
    env = environment("same_backend")
    rows = env.plugins()
    for key in (("bad-same-backend", "bad-same-backend"), ("storage-jsonl", "runicorn-storage-jsonl")):
        assert rows[key]["state"] == "conflicting"
        assert "storage backend 'jsonl' is provided by bad-same-backend and storage-jsonl" in rows[key]["reason"]
    done = env.cli("runs", "list", expect=2, RUNICORN_BACKEND="jsonl")
    assert done.stderr.splitlines()[-1].startswith("error: storage backend 'jsonl' is provided by bad-same-backend and")
    recovers(env, environment(), "provided by bad-same-backend and storage-jsonl; disable one")


def test_the_cost_of_a_large_and_a_slow_one_is_shown(environment: Make) -> None:
    env = environment("large", "slow")
    rows = env.plugins()
    assert 150 < rows["bad-large", "bad-large"]["load_mb"] < 400
    assert rows["bad-slow", "bad-slow"]["load_ms"] > 1000
    done = env.run("-c", TRAINING)
    assert re.search(r"plugin bad-slow took \d+\.\d s to load", done.stderr)


def test_all_of_them_at_once(environment: Make, strangers: dict[str, Path], listening: Listening) -> None:
    bad = [name for name, site in strangers.items() if list(site.glob("bad_*.dist-info"))]
    alone = {"twin", "thief", "same_backend", "hangs", "slow"}  # without storage, or with many waits
    env = environment(*(name for name in bad if name not in alone))
    shown = trained(env)
    with listening(env) as get:
        assert [run["id"] for run in get("/api/experiments")] == [shown["id"]]
    # What somebody disables is not even imported.
    names = sorted(row["name"] for row in env.plugins().values() if row["distribution"].startswith("bad-"))
    env.cli("plugins", "disable", *names)
    states = {row["name"]: row["state"] for row in env.plugins().values()}
    assert states == dict.fromkeys(OURS_STAY, "active") | dict.fromkeys(names, "disabled")
