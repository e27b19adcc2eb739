"""What stands in the files, through the command as its user types it."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
import runicorn as rn
from runicorn.hooks import Selection, export_to_file, exporters, find_runs, open_store
from runicorn.model.metric import RecordTable

Export = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def export(tmp_path: Path) -> Export:
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "runicorn", "export", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    return call


@pytest.fixture
def run() -> rn.Run:
    with rn.init(project="p", name="n", params={"lr": 0.1}, tags=["a"], capture_env=False) as run:
        run.log({"loss": 0.5, "acc": True}, stage="train")
        run.log({"loss": float("nan"), "note": 'odd, "quoted"\nline'})
        run.log({"损失": -math.inf}, step=1)
        run.log_text("hello")
        run.summary({"verdict": "good"})
    return run


def test_a_wide_table_has_one_line_for_each_log_call(run: rn.Run, export: Export, tmp_path: Path) -> None:
    done = export(run.id, "--format", "csv")
    assert done.stdout == f"{run.id}.csv\n", done.stderr
    with (tmp_path / f"{run.id}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["run", "step", "ts", "stage", "acc", "loss", "损失"]
    assert [(r["step"], r["stage"], r["loss"], r["损失"]) for r in rows] == [
        ("1", "train", "0.5", ""),
        ("2", "", "NaN", ""),
        ("1", "", "", "-Infinity"),
    ]


def test_a_long_table_has_one_line_for_each_value(run: rn.Run, export: Export) -> None:
    done = export(run.id, "--format", "csv", "--option", "layout=long", "--option", "keys=loss,acc", "-o", "-")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert [(r["key"], r["step"], r["value"]) for r in rows] == [
        ("acc", "1", "1.0"),
        ("loss", "1", "0.5"),
        ("loss", "2", "NaN"),
    ]


def test_json_holds_everything_that_is_known(run: rn.Run, export: Export) -> None:
    with rn.init(project="q", capture_env=False) as second:
        pass
    done = export(run.id, second.id, "--format", "json", "--option", "logs=true", "-o", "-")
    first, other = json.loads(done.stdout)["runs"]
    assert (first["run"], first["project"], first["name"], first["status"]) == (run.id, "p", "n", "finished")
    assert (first["params"], first["summary"], first["tags"]) == ({"lr": 0.1}, {"verdict": "good"}, ["a"])
    assert [record["data"] for record in first["metrics"]] == [
        {"loss": 0.5, "acc": True},
        {"loss": "NaN", "note": 'odd, "quoted"\nline'},
        {"损失": "-Infinity"},
    ]
    assert [line["text"] for line in first["logs"]] == ["hello"]
    assert (other["run"], other["metrics"], other["logs"]) == (second.id, [], [])


def test_the_suffix_of_the_file_says_the_format(run: rn.Run, export: Export, tmp_path: Path) -> None:
    assert export(run.id, "-o", "out.json").returncode == 0
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["runs"][0]["run"] == run.id


def test_a_filter_chooses_what_is_exported(run: rn.Run, export: Export) -> None:
    done = export("--filter", f"metrics.loss exists and run = {run.id}", "--format", "json", "-o", "-")
    assert [one["run"] for one in json.loads(done.stdout)["runs"]] == [run.id]
    nothing = export("--filter", "metrics.none exists", "--format", "json")
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert "meets metrics.none exists" in nothing.stderr


def test_formats_are_listed_with_the_plugin_that_brings_them(export: Export) -> None:
    assert "csv\t.csv\texporters\tlayout=wide keys=" in export("--list").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "docx"], "is unknown; there are: "),
        (["--format", "csv", "--option", "layuot=long"], "did you mean csv.layout?"),
        (["--format", "csv", "--option", "layout=round"], "expected is one of wide, long"),
        (["--format", "csv", "--option", "layout"], "must look like name=value"),
        (["-o", "file.txt"], "which format? Give --format with one of: "),
        (["--format", "csv", "-o", "nowhere/file.csv"], "there is no folder nowhere; make it first"),
        (["--format", "csv", "-o", "."], "is a folder; name a file in it, such as runs.csv"),
        (["--format", "tensorboard", "-o", "nowhere/tb"], "there is no folder nowhere; make it first"),
    ],
)
def test_wrong_input_gives_one_sentence(run: rn.Run, export: Export, arguments: list[str], words: str) -> None:
    done = export(run.id, *arguments)
    assert done.returncode == 2, done.stdout
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_that_could_not_be_written_whole_never_appears(run: rn.Run, tmp_path: Path) -> None:
    store = open_store()
    selection = Selection(store, [record.ref for record in find_runs(store, [run.id])])

    class Failing(Selection):
        def pieces(self, keys: Sequence[str] | None = None) -> Sequence[Iterable[RecordTable]]:
            raise RuntimeError("the disk of the runs is gone")

    path = tmp_path / "out.csv"
    export_to_file("csv", selection, path)
    before = path.read_bytes()
    with pytest.raises(Exception, match="plugin 'exporters' failed in exporting csv: RuntimeError: the disk"):
        export_to_file("csv", Failing(store, selection.refs), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.glob("*out*")] + [file.name for file in tmp_path.glob(".*out*")] == [
        "out.csv"
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on the size of files stands for a full disk")
@pytest.mark.parametrize("name", ["csv", "json", "excel", "tensorboard", "archive"])
def test_a_full_disk_is_told_as_such_and_leaves_nothing(run: rn.Run, tmp_path: Path, name: str) -> None:
    code = "import resource, runpy, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    code += "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); runpy.run_module('runicorn', run_name='__main__')"
    path = tmp_path / "there" / "out"
    path.parent.mkdir()
    command = [sys.executable, "-B", "-c", code, "export", run.id, "--format", name, "-o", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: exporting failed in {path}: File too large\n")
    assert list(path.parent.iterdir()) == []


def test_hook_register_exporters_offers_csv_and_json() -> None:
    assert {"csv", "json"} <= set(exporters())
    assert exporters().owner("csv") == "exporters"


def test_hook_register_commands_adds_export(export: Export) -> None:
    assert "Write runs into a file" in export("--help").stdout
