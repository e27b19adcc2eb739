"""The command line as its user types it: real runs, a real process, its words and exit codes."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
import runicorn as rn
from runicorn.hooks import open_store
from runicorn.model.alert import Alert

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def cli() -> Cli:
    def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "runicorn", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)

    return run


@pytest.fixture
def two_runs() -> list[str]:
    """A finished run with a course, and a failed one."""
    first = rn.init(
        "digits", "sweep", run_id="20260101_000000_aaaaaa", params={"lr": 0.1, "net": {"width": 8}}, tags=["a"]
    )
    first.set_primary_metric("loss", "min")
    for step in range(20):
        first.log({"loss": 1 / (step + 1)})
    first.log_text("hello\n世界")
    first.summary({"verdict": "good"})
    first.finish()
    with suppress(ValueError), rn.init("digits", run_id="20260101_000001_bbbbbb", params={"lr": 1}) as run:
        run.log(loss=float("nan"))
        raise ValueError("on purpose")
    return [first.id, run.id]


def test_list_prints_an_array_of_objects(cli: Cli, two_runs: list[str]) -> None:
    rows = json.loads(cli("runs", "list", "--json").stdout)
    assert {row["id"] for row in rows} == set(two_runs)
    by_id = {row["id"]: row for row in rows}
    assert by_id[two_runs[0]]["best_metric"] == {"name": "loss", "value": 0.05, "step": 20, "mode": "min"}
    assert by_id[two_runs[1]]["status"] == "failed"


def test_text_that_is_no_valid_unicode_hides_no_run(cli: Cli, two_runs: list[str]) -> None:
    with rn.init("odd", run_id="odd-one", tags=["a\ud800"], params={"p\ud800": {"q\ud800": 1}}) as run:
        run.summary({"s\ud800": "\ud800"})
        run.set_primary_metric("m\ud800")
        run.log({"m\ud800": 1})
    for name in ("user.json", "params.json", "summary.json"):
        orjson.loads((run.dir / name).read_bytes())
    # Older versions wrote what only lenient parsers read.
    document = b'{"tags": ["b\\ud800"], "note": "\\udfff"}'
    (run.dir.parents[3] / "digits" / "default" / "runs" / two_runs[1] / "user.json").write_bytes(document)
    for arguments in (["list"], ["list", "--json"], ["show", "odd-one"], ["show", two_runs[1]]):
        done = cli("runs", *arguments)
        assert (done.returncode, done.stderr) == (0, ""), done
        assert "\\ud800" in done.stdout


def test_a_terminal_that_knows_only_latin_1_shows_the_rest_escaped(cli: Cli, two_runs: list[str]) -> None:
    done = cli("runs", "list", env={**os.environ, "PYTHONIOENCODING": "latin-1"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u2581" in done.stdout


def test_list_filters(cli: Cli, two_runs: list[str]) -> None:
    for filters, expected in [
        (["--status", "failed"], two_runs[1:]),
        (["--tag", "a"], two_runs[:1]),
        (["--name", "sweep"], two_runs[:1]),
        (["--text", "AAAAAA"], two_runs[:1]),
        (["--project", "other"], []),
    ]:
        rows = json.loads(cli("runs", "list", "--json", *filters).stdout)
        assert [row["id"] for row in rows] == expected, filters


def test_list_takes_a_filter_and_tells_a_mistake_with_its_place(cli: Cli, two_runs: list[str]) -> None:
    def listed(text: str) -> list[str]:
        return [row["id"] for row in json.loads(cli("runs", "list", "--json", "--filter", text).stdout)]

    assert listed("params.net/width = 8 and metrics.loss.min < 0.1") == [two_runs[0]]
    assert listed("failed or tags has a") == [two_runs[1], two_runs[0]]
    assert listed("metrics.loss.last = nan") == [two_runs[1]]
    wrong = cli("runs", "list", "--filter", "status = failed and width = 8")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == (
        "error: the filter at position 21 has 'width' where a field is expected; did you mean params.net/width?\n"
    )


def test_list_draws_the_course_of_the_primary_metric(cli: Cli, two_runs: list[str]) -> None:
    text = cli("runs", "list").stdout
    assert "█▄▃▂" in text
    assert "loss 0.05" in text


def test_show_tells_the_whole_story(cli: Cli, two_runs: list[str]) -> None:
    text = cli("runs", "show", "aaaaaa").stdout
    for words in ("finished", "net/width", "verdict", "Best loss: 0.05 at step 20 (min)"):
        assert words in text
    failed = cli("runs", "show", "bbbbbb").stdout
    assert "Ended by ValueError: on purpose" in failed
    assert "Traceback" in failed
    (row,) = json.loads(cli("runs", "show", "aaaaaa", "--json").stdout)
    assert row["params"] == {"lr": 0.1, "net": {"width": 8}}
    assert row["metrics"][0]["n"] == 20


def test_show_finds_a_best_value_that_the_process_did_not_live_to_tell(cli: Cli) -> None:
    program = (
        "import os, signal, runicorn as rn\nrun = rn.init('killed', run_id='killed')\n"
        "run.set_primary_metric('v', 'min')\n"
        "for v in [float('-inf'), 3.0, 0.5, 2.0]: run.log(v=v)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    (folder,) = (Path(row["path"]) for row in json.loads(cli("runs", "list", "--json").stdout))
    root = json.loads(cli("config", "show", "--json").stdout)
    summary = Path(next(row["value"] for row in root if row["key"] == "storage.root")) / folder / "summary.json"
    summary.write_text('{"best": {"metric": "v", "value": 3.0, "step": 2, "mode": "min"}}')
    assert "Best v: 0.5 at step 3 (min)" in cli("runs", "show", "killed").stdout
    (shown,) = json.loads(cli("runs", "show", "killed", "--json").stdout)
    assert shown["best_metric"] == {"name": "v", "value": 0.5, "step": 3, "mode": "min"}


def test_compare_shows_what_differs(cli: Cli, two_runs: list[str]) -> None:
    text = cli("runs", "compare", *two_runs).stdout
    assert "params/lr\t0.1\t1" in text
    assert "loss\t0.05\tnan" in text


def test_tail_prints_the_end_of_the_log_or_the_values(cli: Cli, two_runs: list[str]) -> None:
    assert cli("runs", "tail", two_runs[0]).stdout == "hello\n世界\n"
    assert cli("runs", "tail", two_runs[0], "--metrics", "-n", "1").stdout == "20\tloss\t0.05\n"
    assert cli("runs", "tail", two_runs[0], "-f").returncode == 0


def test_rm_restore_and_purge(cli: Cli, two_runs: list[str]) -> None:
    refused = cli("runs", "rm", "--purge", "--yes", two_runs[0])
    assert refused.returncode == 2, refused.stdout
    assert cli("runs", "rm", two_runs[0]).returncode == 0
    assert len(json.loads(cli("runs", "list", "--json").stdout)) == 1
    assert len(json.loads(cli("runs", "list", "--json", "--deleted").stdout)) == 1
    assert cli("runs", "restore", two_runs[0]).returncode == 0
    assert len(json.loads(cli("runs", "list", "--json").stdout)) == 2
    cli("runs", "rm", two_runs[0])
    assert cli("runs", "rm", "--purge", "--yes", two_runs[0]).returncode == 0
    assert cli("runs", "show", two_runs[0]).returncode == 2


def test_empty_removes_what_is_in_the_recycle_bin_and_asks_before(cli: Cli, two_runs: list[str]) -> None:
    assert "is empty" in cli("runs", "empty").stderr
    cli("runs", "rm", two_runs[0])
    asked = cli("runs", "empty", stdin=subprocess.DEVNULL)
    assert (asked.returncode, "pass --yes" in asked.stderr) == (2, True)
    assert len(json.loads(cli("runs", "list", "--json", "--deleted").stdout)) == 1
    done = cli("runs", "empty", "--yes")
    assert (done.returncode, done.stdout.count("removed\n")) == (0, 1)
    assert json.loads(cli("runs", "list", "--json", "--deleted").stdout) == []
    assert [run["id"] for run in json.loads(cli("runs", "list", "--json").stdout)] == [two_runs[1]]


def test_removing_says_what_it_needs_and_what_was_done_before(cli: Cli, two_runs: list[str]) -> None:
    assert cli("runs", "rm", two_runs[0]).stdout.endswith("moved to the recycle bin\n")
    again = cli("runs", "rm", two_runs[0])
    assert (again.returncode, again.stdout.count("\n")) == (0, 1)
    assert "is in the recycle bin already" in again.stdout
    asked = cli("runs", "rm", "--purge", two_runs[0], stdin=subprocess.DEVNULL)
    assert (asked.returncode, asked.stdout, asked.stderr.count("\n")) == (2, "", 1)
    assert "pass --yes" in asked.stderr
    assert cli("runs", "show", two_runs[0]).returncode == 0


def test_recover_tells_one_line_a_run(cli: Cli) -> None:
    program = (
        "import os, runicorn as rn\nfor _ in range(3):\n"
        " run = rn.init('away', run_id='spooled'); run.log(loss=1); run.finish()"
    )
    environment = {**os.environ, "RUNICORN_NO_PLUGINS": "1"}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True)
    stays = cli("runs", "recover", env=environment)
    assert (stays.returncode, stays.stderr.count("\n")) == (1, 1)
    assert stays.stderr.startswith("away/default/runs/spooled in ")
    assert cli("runs", "recover").stdout == "away/default/runs/spooled: 3 lines brought home\n"


def test_recover_brings_home_what_was_logged_without_storage(cli: Cli) -> None:
    assert cli("runs", "recover").stdout == "nothing waits to be recovered\n"
    program = (
        "import runicorn as rn\nwith rn.init('away', run_id='spooled') as run:\n for _ in range(7): run.log(loss=1)"
    )
    environment = {**os.environ, "RUNICORN_NO_PLUGINS": "1"}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True)
    assert "1 spools wait" in cli("doctor").stdout
    (row,) = json.loads(cli("runs", "recover", "--json").stdout)
    assert (row["run"], row["records"], row["trouble"]) == ("away/default/runs/spooled", 7, None)
    (shown,) = json.loads(cli("runs", "show", "spooled", "--json").stdout)
    assert shown["status"] == "finished"
    assert shown["metrics"][0]["n"] == 7


def test_runs_that_share_an_id_are_told_apart_by_their_folders(cli: Cli, two_runs: list[str]) -> None:
    one, root = two_runs[0], open_store().root
    here, copy = f"digits/sweep/runs/{one}", f"digits/sweep/runs/{one}-1f2e"
    shutil.copytree(root / here, root / copy)
    for name in (one, one[:-1]):
        unclear = cli("runs", "show", name)
        assert unclear.returncode == 2
        assert f"error: {name!r} matches 2 runs. Give the folder of one: " in unclear.stderr
        assert here in unclear.stderr
        assert copy in unclear.stderr
    for number, folder in enumerate([here, copy]):
        assert cli("runs", "rename", folder, f"title {number}").stdout.startswith(f"{folder} is shown as")
        assert f"title {number}" in cli("runs", "show", folder).stdout
        assert cli("runs", "tail", folder).stdout.splitlines()[0] == "hello"
    assert cli("runs", "compare", here, copy).returncode == 0
    assert cli("runs", "rm", copy).stdout == f"{copy} moved to the recycle bin\n"
    assert cli("runs", "restore", copy).stdout == f"{copy} restored\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["runs", "show", "2026"], "error: '2026' matches 2 runs. Give more of the id"),
        (["runs", "show", "nope"], "error: no run 'nope' below"),
        (["runs", "list", "--status", "odd"], "is not one of"),
        (["runs", "list", "--limit", "0"], "x>=1"),
        (["frobnicate"], "No such command 'frobnicate'"),
        (["config", "set", "run.moed", "x"], "did you mean run.mode?"),
        (["config", "set", "mode", "x"], "is no section"),
        (["config", "get", "run.nothing"], "is unknown; see: runicorn config show"),
        (["config", "unset", "run.mode"], "does not stand in"),
        (["viewer", "--port", "99999999"], "--port"),
        (["viewer", "--port", "abc"], "'abc' is not a valid integer ("),
        (["plugins", "new", "storage-jsonl", "--kind", "command"], "is the name of a plugin that is installed"),
        (
            ["completion"],
            "error: Missing argument 'SHELL'. Choose from: bash, zsh, fish (see: runicorn completion --help)",
        ),
    ],
)
def test_wrong_input_gives_one_sentence_and_exit_code_2(
    cli: Cli, two_runs: list[str], arguments: list[str], words: str
) -> None:
    done = cli(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.count("see: ") <= 1
    assert "Traceback" not in done.stderr


def test_debug_shows_the_traceback(cli: Cli) -> None:
    done = cli("--debug", "runs", "show", "nope")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_a_bad_configuration_is_one_sentence_for_every_command(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "runicorn.toml").write_text("[run]\nmoed = 1\n")
    for arguments in (["config", "show"], ["runs", "list"]):
        done = cli(*arguments, cwd=tmp_path)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert "runicorn.toml" in done.stderr
    assert cli("doctor", cwd=tmp_path).returncode == 1


def test_config_set_get_and_origin(cli: Cli) -> None:
    assert cli("config", "set", "run.finish_timeout", "5").returncode == 0
    assert cli("config", "get", "run.finish_timeout").stdout == "5\n"
    rows = json.loads(cli("config", "show", "--origin", "--json").stdout)
    (row,) = [row for row in rows if row["key"] == "run.finish_timeout"]
    assert row["origin"].endswith("config.toml")


def test_plugins_list_imports_nothing_and_check_tells_the_truth(cli: Cli) -> None:
    rows = json.loads(cli("plugins", "list", "--json").stdout)
    assert {"storage-jsonl", "viewer-http", "media", "environment"} <= {row["name"] for row in rows}
    program = (
        "import sys\nfrom runicorn.cli import main\n"
        "try: main(['plugins', 'list'])\nexcept SystemExit: pass\n"
        "sys.exit(any(name.startswith('runicorn_') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True).returncode == 0
    checked = cli("plugins", "list", "--check", "--json")
    assert checked.returncode == 0
    assert all(row["state"] == "active" for row in json.loads(checked.stdout))


def test_a_disabled_plugin_is_listed_with_who_disabled_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNICORN_PLUGINS_DISABLE", "media")
    rows = {row["name"]: row for row in json.loads(cli("plugins", "list", "--json").stdout)}
    assert rows["media"]["state"] == "disabled"
    assert rows["media"]["reason"] == "by RUNICORN_PLUGINS_DISABLE"
    assert "disabled by RUNICORN_PLUGINS_DISABLE" in cli("plugins", "list").stdout


def test_disable_and_enable_last_until_switched_again(cli: Cli, tmp_path: Path) -> None:
    def state(name: str) -> tuple[str, str]:
        rows = json.loads(cli("plugins", "list", "--json", cwd=tmp_path).stdout)
        return next((row["state"], row["reason"]) for row in rows if row["name"] == name)

    assert cli("plugins", "disable", "media", "environment", cwd=tmp_path).returncode == 0
    assert state("media")[0] == state("environment")[0] == "disabled"
    assert cli("plugins", "enable", "media", "--project", cwd=tmp_path).returncode == 0
    assert state("media")[0] == "enabled"
    assert state("environment")[0] == "disabled"
    assert cli("plugins", "disable", "media", "--project", cwd=tmp_path).returncode == 0
    assert state("media") == ("disabled", "by plugins.json of this project")
    done = cli("plugins", "enable", "media", cwd=tmp_path)
    assert "still disabled by plugins.json of this project" in done.stderr


def test_an_unknown_plugin_is_refused_with_a_suggestion(cli: Cli) -> None:
    for command in ("info", "enable", "disable"):
        done = cli("plugins", command, "viewer-htp")
        assert done.returncode == 2
        assert "did you mean 'viewer-http'?" in done.stderr


def test_info_tells_hooks_and_settings(cli: Cli) -> None:
    (facts,) = json.loads(cli("plugins", "info", "viewer-http", "--json").stdout)
    assert "viewer_routes" in facts["hooks"]
    assert facts["settings"]["port"] == 23300
    assert "runicorn-viewer-http" in cli("plugins", "info", "viewer-http").stdout


def test_completion_scripts_are_printed(cli: Cli) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "_RUNICORN_COMPLETE" in cli("completion", shell).stdout


def test_doctor_finds_a_root_that_may_not_be_used(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli("doctor").returncode == 0
    monkeypatch.setenv("RUNICORN_PLUGINS_DISABLE", "storage-jsonl")
    done = cli("doctor", "--json")
    assert done.returncode == 1
    assert any("no storage plugin" in row["detail"] for row in json.loads(done.stdout))


def test_a_closed_pipe_is_no_error(two_runs: list[str]) -> None:
    command = f"{sys.executable} -m runicorn runs list --json | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stderr == ""


def test_hook_register_commands(cli: Cli) -> None:
    assert "viewer" in cli("--help").stdout
    assert "--port" in cli("viewer", "--help").stdout


def test_runs_show_tells_the_last_alerts(cli: Cli) -> None:
    with rn.init(project="p") as run:
        for number in range(25):
            run.raise_alert(Alert(f"alert {number}.", "two\nlines", "error", step=number))
    shown = cli("runs", "show", run.id).stdout
    assert "Alerts (the last 20 of 25)" in shown
    assert "error step 24 alert 24.: two lines" in " ".join(shown.split())
    assert "alert 4." not in shown
    (told,) = json.loads(cli("runs", "show", run.id, "--json").stdout)
    assert len(told["alerts"]) == 25


def test_runs_are_changed_in_bulk_and_undone(cli: Cli, two_runs: list[str]) -> None:
    one, two = two_runs
    assert cli("runs", "tag", one, two, "--add", "good").stdout.count("tagged") == 2
    assert cli("runs", "note", one, "--text", "the best").returncode == 0
    assert cli("runs", "pin", "--filter", "tags has 'good'").stdout.count("pinned") == 2
    assert cli("runs", "archive", two).returncode == 0
    assert cli("runs", "archive", two, "--off").returncode == 0
    assert "SHOWN AS" not in cli("runs", "list").stdout
    assert cli("runs", "rename", one, "baseline").returncode == 0
    head, *rows = cli("runs", "list").stdout.splitlines()
    assert head.endswith("SHOWN AS")
    assert [row.rpartition("\t")[2] for row in rows if row.startswith(one)] == ["baseline"]
    assert cli("runs", "group", one, two, "--name", "sweep").returncode == 0
    first = {run["id"]: run for run in json.loads(cli("runs", "list", "--json").stdout)}[one]
    assert (first["tags"][-1], first["note"], first["pinned"], first["display_name"], first["group"]) == (
        "good",
        "the best",
        True,
        "baseline",
        "sweep",
    )
    assert "group 2 runs" in cli("runs", "undo", "--list").stdout
    assert cli("runs", "undo").stdout.count("is as it was") == 2
    assert cli("runs", "list", "--group", "sweep", "--json").stdout.strip() == "[]"


def test_runs_are_moved_cleaned_up_and_measured(cli: Cli, two_runs: list[str]) -> None:
    one = two_runs[0]
    assert cli("runs", "move", one, "--project", "elsewhere").returncode == 0
    projects = {row["project"]: row["runs"] for row in json.loads(cli("runs", "usage", "--json").stdout)}
    assert projects["elsewhere"] == 1
    dry = cli("runs", "cleanup", "--status", "finished", "--status", "failed", "--project", "elsewhere")
    assert f"elsewhere/default/runs/{one} would be moved" in dry.stdout or one in dry.stdout
    assert "--yes" in dry.stderr
    assert json.loads(cli("runs", "list", "--deleted", "--json").stdout) == []
    done = cli("runs", "cleanup", "--larger-than", "1B", "--project", "elsewhere", "--yes")
    assert "moved to the recycle bin" in done.stdout
    assert [run["id"] for run in json.loads(cli("runs", "list", "--deleted", "--json").stdout)] == [one]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tag"], "give --add TAG"),
        (["tag", "--add", "x"], "name runs, or choose them with --filter"),
        (["cleanup"], "it would take every run"),
        (["cleanup", "--older-than", "soon"], "is no measure"),
        (["cleanup", "--larger-than", "1XB"], "'1XB' is no measure; write it like 10K"),
        (["undo"], "error: there is nothing to undo"),
        (["pin", "nowhere"], "no run 'nowhere'"),
        (["move", "nowhere"], "give --project or --name"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(cli: Cli, arguments: list[str], said: str) -> None:
    done = cli("runs", *arguments)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def in_terminal(width: int, *arguments: str) -> str:
    """What a command shows in a terminal of this width, without colours."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(width), "TERM": "xterm"}
    command = [sys.executable, "-m", "runicorn", *arguments]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # its end
            while piece := os.read(ours, 1 << 16):
                shown += piece
        os.close(ours)
        assert process.wait(60) == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode())


def test_a_narrow_terminal_shows_whole_ids_and_says_which_columns_it_goes_without(two_runs: list[str]) -> None:
    wide = in_terminal(200, "runs", "list")
    assert "COURSE" in wide
    assert "a wider terminal" not in wide
    ordinary = in_terminal(80, "runs", "list")
    assert all(f"{run} " in ordinary for run in two_runs)
    assert "loss 0.05" in ordinary
    assert "a wider terminal shows" in ordinary
    assert "COURSE" in ordinary.splitlines()[-1]
    assert max(len(line) for line in ordinary.splitlines()) <= 80
    assert all(run in in_terminal(30, "runs", "list") for run in two_runs)


def test_an_output_that_is_closed_or_full_is_one_sentence(two_runs: list[str]) -> None:
    command = [sys.executable, "-m", "runicorn", "runs", "list"]
    script = '"$@" >&-; echo $?; "$@" >/dev/full; echo $?'
    done = subprocess.run(["sh", "-c", script, "sh", *command], capture_output=True, text=True, timeout=100)
    assert done.stdout.split() == ["0", "1"]
    assert done.stderr == "error: No space left on device (runicorn --debug shows where)\n"
