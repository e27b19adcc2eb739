"""``runicorn storage``, as its user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import runicorn as rn
from click.testing import CliRunner, Result
from runicorn.hooks import open_store
from runicorn_storage_duckdb.commands.storage import storage
from runicorn_storage_duckdb.segments.manifest import read_manifest


def _storage(*arguments: str) -> Result:
    return CliRunner().invoke(storage, list(arguments))


def _train(project: str = "p", steps: int = 300) -> rn.Run:
    with rn.init(project=project) as run:
        for step in range(steps):
            run.log(loss=1 / (step + 1), acc=step / 7, lr=0.1, a=step, b=float("nan"))
        run.log_text("the end")
    return run


def _files(run: rn.Run) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(run.dir).glob("*.*") if path.suffix in (".jsonl", ".txt")}


def test_every_finished_run_of_the_root_is_sealed_unasked_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    one, small = _train(), _train(steps=3)
    with monkeypatch.context() as patch:
        patch.setenv("RUNICORN_BACKEND", "jsonl")
        other = _train("q")
    before = {run.id: _files(run) for run in (one, other, small)}
    going = rn.init(project="p")
    going.log(loss=1.0)
    dry = _storage("seal", "--dry-run")
    assert {run.id: _files(run) for run in (one, other, small)} == before
    assert dry.output.splitlines()[2].startswith("2 runs would be sealed: ")
    done = _storage("seal")
    assert done.exit_code == 0, done.output
    assert "2 runs sealed: 3,000 points, " in done.output
    assert "1 run left as it is: is still running" in done.output
    assert "1 run left as it is: smaller than 16,384 bytes" in done.output
    assert _files(one).keys() == _files(other).keys() == set()
    assert _files(small) == before[small.id]
    going.log(loss=2.0)
    going.finish()
    (table,) = open_store().read_metrics([open_store().find_runs(one.id)[0].ref], ["acc"])
    assert table.columns["acc"].values[-1] == 299 / 7
    assert _storage("verify").exit_code == 0
    again = _storage("seal")
    assert "0 runs sealed" in again.output
    assert _storage("unseal").exit_code == 2
    back = _storage("unseal", "--all")
    assert back.exit_code == 0
    assert "2 runs unsealed" in back.output
    assert {run.id: _files(run) for run in (one, other, small)} == before


def test_figures_are_exact() -> None:
    run = _train()
    files = _files(run)
    (told,) = json.loads(_storage("seal", "--run", run.id, "--json").output)
    events = [json.loads(line) for name, data in files.items() if "events" in name for line in data.splitlines()]
    assert told["points"] == sum(len(event["data"]) for event in events if event["type"] == "metrics") == 1500
    assert told["lines"] == sum(data.count(b"\n") for data in files.values())
    assert told["bytes_before"] == sum(map(len, files.values()))
    folder = Path(run.dir)
    there = [*folder.glob("metrics/*"), *folder.glob("logs/*"), folder / "segments.json"]
    assert told["bytes_after"] == sum(path.stat().st_size for path in there)
    (row,) = json.loads(_storage("stats", "--json").output)
    assert (row["plain"], row["sealed"], row["unsealed"], row["points"]) == (
        0,
        told["bytes_after"],
        told["bytes_before"],
        1500,
    )
    summed = json.loads(_storage("info", "--json").output)
    assert (summed["runs"], summed["sealed"], summed["bytes"]["sealed"]) == (1, 1, told["bytes_after"])
    everything = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert sum(summed["bytes"][kind] for kind in ("plain", "sealed", "media", "other")) == everything
    assert "bytes a point" not in _storage("info").output
    assert run.id in _storage("stats").output


def test_a_run_that_is_named_and_cannot_be_sealed_is_an_answer_of_no() -> None:
    going = rn.init(project="p")
    going.log(loss=1.0)
    answer = _storage("seal", "--run", going.id)
    going.finish()
    assert answer.exit_code == 1
    assert "is still running" in answer.output
    assert len(answer.output.splitlines()) == 2
    assert _storage("seal", "--project", "nowhere").exit_code == 2


def test_a_run_resumed_after_sealing_is_sealed_again_and_merged() -> None:
    run = _train()
    _storage("seal")
    with rn.init(project="p", run_id=run.id, resume="must") as more:
        for _ in range(300):
            more.log(loss=0.5, acc=1.0, lr=0.1, a=1, b=float("inf"))
    assert "1 run sealed" in _storage("seal").output
    assert "1 run would be merged" in _storage("compact", "--dry-run").output
    (told,) = json.loads(_storage("compact", "--json").output)
    assert told["points"] == 3000
    assert len(list(Path(run.dir).glob("metrics/*.points.parquet"))) == 1
    (series, *_) = open_store().open_run(open_store().find_runs(run.id)[0].ref).series()
    assert (series.key, series.n, series.last_step) == ("a", 600, 600)
    assert "0 runs merged" in _storage("compact").output


def test_what_is_wrong_is_said_and_the_exit_code_is_one() -> None:
    run, plain, media = _train(), _train("q"), _train("r")
    _storage("seal", "--run", run.id)
    (points,) = Path(run.dir).glob("metrics/*.points.parquet")
    points.write_bytes(points.read_bytes()[:-20])
    events = Path(plain.dir) / "events.jsonl"
    lines = events.read_bytes().splitlines(keepends=True)
    events.write_bytes(b"".join([*lines[:10], b"{gar\xffbage\n", *lines[10:], b'{"half']))
    pictures = Path(media.dir) / "media" / "ab"
    pictures.mkdir(parents=True)
    (pictures / f"{'ab' * 32}.png").write_bytes(b"not that")
    answer = _storage("verify")
    assert answer.exit_code == 1
    assert "points.parquet is damaged" in answer.output
    assert "events.jsonl holds what is no JSON: line 11 of 301" in answer.output
    assert "its content is not what its name says" in answer.output
    assert "3 runs checked" in answer.output
    assert "3 things wrong" in answer.output
    told = json.loads(_storage("verify", "--json").output)
    assert sorted(len(one["wrong"]) for one in told) == [1, 1, 1]


def test_an_index_is_made_anew() -> None:
    run = _train()
    told = json.loads(_storage("rebuild", "--json").output)
    assert told["complete"] is True
    assert told["runs"] == 1
    index = Path(told["where"])
    made = index.stat().st_ino, index.stat().st_mtime_ns
    assert "1 index file would be removed" in _storage("rebuild", "--dry-run").output
    assert (index.stat().st_ino, index.stat().st_mtime_ns) == made
    _storage("seal", "--run", run.id)
    answer = _storage("rebuild")
    assert answer.output.startswith("1 run indexed in ")
    store = open_store()
    (record,) = store.list_runs()
    assert [series.n for series in store.open_run(record.ref).series()] == [300] * 5
    store.close()


def test_without_pyarrow_a_sealed_run_is_resumed_and_reading_it_says_what_to_install() -> None:
    run = _train()
    _storage("seal")
    code = """
import sys
sys.modules["pyarrow"] = None
from runicorn.errors import MissingDependency
from runicorn.hooks import storage_backends
from pathlib import Path
store = storage_backends()["jsonl"].open_store(Path(sys.argv[1]), {})
(record,) = store.list_runs()
session = store.attach_run(record.ref)
assert session.last_step() == 300
session.open_writer("events").append(b'{"ts":4e9,"type":"metrics","step":301,"data":{"loss":1.5}}\\n')
assert session.last_step() == 301
try:
    store.read_metrics([record.ref])
except MissingDependency as error:
    print(error)
"""
    root = str(open_store().root)
    done = subprocess.run([sys.executable, "-c", code, root], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == (
        "reading a sealed run needs a library that is not installed; run: pip install pyarrow"
    )
    (series, *_) = (s for s in open_store().open_run(open_store().find_runs(run.id)[0].ref).series() if s.key == "loss")
    assert (series.n, series.last_step) == (301, 301)


def test_thousands_of_keys_are_checked_from_a_file_of_their_own() -> None:
    with rn.init(project="wide") as run:
        for step in range(3):
            run.log({f"layer {n}/{step % 2}": n / 7 for n in range(1500)})
    before = _files(run)
    assert "1 run sealed: 4,500 points" in _storage("seal").output
    assert (Path(run.dir) / "segments.json").stat().st_size < 2000
    assert len(list(Path(run.dir).glob("metrics/*.keys.parquet"))) == 1
    assert _storage("verify").exit_code == 0
    series = open_store().open_run(open_store().find_runs(run.id)[0].ref).series()
    assert sum(one.n for one in series) == 4500
    assert "unsealed" in _storage("unseal", "--all").output
    assert _files(run) == before


def test_runs_of_older_versions_are_never_changed(tmp_path: Path) -> None:
    folder = tmp_path / "old" / "demo" / "default" / "runs" / "r"
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text('{"id": "r", "project": "demo", "name": "default", "created_at": 1.0}')
    (folder / "status.json").write_text('{"status": "finished"}')
    record = '{"ts": 1.0, "type": "metrics", "data": {"loss": NaN, "global_step": 1, "time": 1.0}}\n'
    (folder / "events.jsonl").write_text(record * 500)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    answer = _storage("seal", "--root", str(tmp_path / "old"))
    assert "written by an older Runicorn" in answer.output
    assert answer.exit_code == 0
    assert _storage("seal", "--root", str(tmp_path / "old"), "--run", "r").exit_code == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.skipif(os.name == "nt", reason="needs a terminal of its own")
def test_a_bar_is_shown_only_in_a_terminal() -> None:
    import pty

    _train()
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "runicorn", "storage", "seal"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 65536)
    os.close(ours)
    assert b"sealing" in shown
    assert b"\x1b" not in done.stdout
    assert b"1 run sealed" in done.stdout
    back = subprocess.run([*command[:-1], "unseal", "--all"], capture_output=True, check=True)
    assert back.stderr == b""


def test_one_damaged_run_keeps_no_command_from_the_others(tmp_path: Path) -> None:
    whole, damaged = _train(), _train("q")
    _storage("seal")
    (Path(damaged.dir) / "segments.json").write_text("{", encoding="utf-8")
    checked = _storage("verify")
    assert checked.exit_code == 1
    assert "2 runs checked, 1,500 sealed points" in checked.output
    assert "segments.json: it is damaged" in checked.output
    for command in ("info", "stats"):
        told = _storage(command)
        assert (told.exit_code, "warning: reading failed in" in told.output) == (0, True), told.output
    summed = json.loads(_storage("info", "--json").stdout)
    assert (summed["runs"], summed["sealed"], summed["bytes"]["points"], len(summed["damaged"])) == (2, 2, 1500, 1)
    rebuilt = _storage("rebuild")
    assert "warning: what q/" in rebuilt.output
    moved = _storage("migrate", str(open_store().root), str(tmp_path / "target"))
    assert moved.exit_code == 1
    assert "1 run migrated: 1,500 points" in moved.output
    assert open_store(tmp_path / "target").find_runs(whole.id)


@pytest.mark.parametrize("command", ["info", "stats", "seal", "verify", "rebuild", "compact"])
def test_a_root_that_is_not_there_is_a_mistake(command: str, tmp_path: Path) -> None:
    answer = _storage(command, "--root", str(tmp_path / "tpyo"))
    assert answer.exit_code == 2
    assert "there is no folder" in answer.output


def test_what_a_rebuild_would_do_is_told_in_json() -> None:
    _train()
    _storage("rebuild")
    assert json.loads(_storage("rebuild", "--dry-run", "--json").output)["index_files"] == 1


def test_many_records_are_sealed_in_several_segments_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runicorn_storage_duckdb.segments.building.SEGMENT_RECORDS", 1000)
    run = _train(steps=30_000)
    before = _files(run)
    assert "1 run sealed: 150,000 points" in _storage("seal").output
    manifest = read_manifest(Path(run.dir))
    assert len(manifest.segments) > 1, "a part of a file ends one"
    assert sum(segment.records for segment in manifest.segments) == 30_000
    assert "nothing is wrong" in _storage("verify").output
    (series, *_) = open_store().open_run(open_store().find_runs(run.id)[0].ref).series()
    assert (series.n, series.last) == (30_000, 29_999.0)
    _storage("unseal", "--all")
    assert _files(run) == before
