"""``runicorn storage migrate``: every run and every point comes over, and the source keeps each of its bytes."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from click.testing import CliRunner, Result
from runicorn.contracts import RunReader, Store
from runicorn.hooks import open_store
from runicorn_storage_duckdb.commands.storage import storage


def _document(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")


def _metrics(ts: float, step: int, **data: Any) -> str:
    return json.dumps({"ts": ts, "type": "metrics", "data": {**data, "global_step": step, "time": ts}}) + "\n"


_EVENTS = (
    _metrics(10.0, 1, loss=1.0, **{"val/acc top 1": 0.5, "学习率": 0.1}, flag=True, none=None, word="hi", stage="train")
    + _metrics(11.0, 2, loss=0.5, nested={"a": [1, {"b": float("nan")}]}, flag=False)
    + _metrics(11.0, 2, loss=0.25, big=2**70)  # a second record for the step
    + _metrics(12.0, 3, loss=float("nan"), up=float("inf"), down=float("-inf"), big=2**70)
    + json.dumps({"ts": 12.5, "type": "image", "data": {"key": "img", "path": "media/1_img.png", "step": 3}})
    + "\n"
    + json.dumps({"ts": 12.6, "type": "image", "data": {"key": "img", "path": "media\\1_img.png", "step": None}})
    + "\n"
    + '{"ts": 13.0, "type": "metr'  # killed; the reopened run glued its first record to this
    + _metrics(20.0, 1, loss=2.0, word="again")
    + "\n\x00\x00 garbage\n"
    + json.dumps({"ts": 20.5, "type": "something-else", "data": {"x": 1}})
    + "\n"
    + _metrics(9.0, 2, loss=0.125)  # the clock was set back
    + '{"ts": 22.0, "type": "metrics", "data": {"loss": 9'  # killed again
)


def _run(folder: Path, meta: dict[str, Any], events: str | None, status: dict[str, Any] | None) -> None:
    _document(folder / "meta.json", {"created_at": 1.7e9, "hostname": "h", "pid": 4242, "storage_dir": "D:\\x", **meta})
    if status is not None:
        _document(folder / "status.json", status)
    if events is not None:
        (folder / "events.jsonl").write_text(events, encoding="utf-8")
    (folder / "events.jsonl.lock").touch()


def _old(root: Path) -> Path:
    """What 0.5 wrote, with something older in its folder ``runs``."""
    runs = root / "demo" / "基线 a" / "runs"
    done = {"status": "finished", "started_at": 1.7e9, "ended_at": 1.7e9 + 60}
    _run(runs / "rich", {"id": "rich", "project": "demo", "name": "基线 a"}, _EVENTS, done)
    best = {"best_metric_value": 0.125, "best_metric_name": "loss", "best_metric_step": 2, "best_metric_mode": "min"}
    (runs / "rich" / "summary.json").write_text(json.dumps({"final": {"acc": [1, 2]}, "odd": float("nan"), **best}))
    (runs / "rich" / "logs.txt").write_bytes(
        "12:00:01 | first 第一\n\ncontinued\n12:00:02 | \x1b[31mred\r x\nhalf".encode()
    )
    (runs / "rich" / "media").mkdir()
    (runs / "rich" / "media" / "1_img.png").write_bytes(b"png")
    _document(runs / "rich" / "artifacts_created.json", {"artifacts": [{"name": "m", "type": "model", "version": 1}]})
    _document(runs / "rich" / "environment.json", {"python_version": "3.11.7", "git_info": None})
    _run(runs / "empty", {"id": "empty", "project": "demo", "name": "基线 a"}, "", {"status": "running"})
    _run(runs / "none", {"id": "none", "project": "demo", "name": "基线 a"}, None, {"status": "completed"})
    (runs / "none" / "summary.json").touch()
    _run(runs / "gone", {"id": "gone", "project": "demo", "name": "基线 a"}, _metrics(5.0, 1, a=1), done)
    _document(runs / "gone" / ".deleted", {"deleted_at": 9.0, "reason": "user_deleted"})
    # Before projects existed: one id twice, and names that no file system of today takes.
    _run(root / "runs" / "old", {"id": "rich", "project": "demo", "name": "基线 a"}, _metrics(5.0, 1, a=1), done)
    _run(root / "runs" / "odd", {"id": "odd", "project": "a:b", "name": "c/../con"}, _metrics(5.0, 1, a=1), done)
    _document(root / "artifacts" / "ArtifactType.MODEL" / "m" / "versions.json", {"versions": []})
    _document(root / "evaluations" / "e.json", {"id": "e"})
    _document(
        root / ".experiments_metadata.json", {"rich": {"tags": ["a", "b"], "description": "told", "pinned": True}}
    )
    (root / "demo" / "loop").symlink_to(root / "demo", target_is_directory=True)
    return root


def _newer(root: Path) -> Path:
    """What 0.7 wrote."""
    folder = root / "runs" / "cv" / "yolo" / "ablation" / "rich"
    done = {"status": "finished", "started_at": 1.7e9, "ended_at": 1.7e9 + 60}
    meta = {"path": "cv/yolo/ablation", "alias": "first try", "workspace_root": "/home/somebody", "tags": ["t"]}
    _run(folder, {"id": "rich", **meta}, _EVENTS, done)
    _document(folder / "assets.json", {"config": {"args": {"lr": 0.1, "net": {"w": 64}}}, "outputs": []})
    _run(root / "runs" / "bare", {"id": "bare", "path": "", "alias": None}, _metrics(5.0, 1, a=1), done)
    return root


def _today(root: Path) -> Path:
    for project in ("p", "q"):
        with rn.init(project=project, storage=str(root)) as run:
            for step in range(300):
                run.log(loss=1 / (step + 1), word=f"第{step}")
            run.log_text("said")
    assert CliRunner().invoke(storage, ["seal", "--root", str(root), "--project", "q"]).exit_code == 0
    return root


def _migrate(*arguments: object) -> Result:
    return CliRunner().invoke(storage, ["migrate", *map(str, arguments)])


def _fingerprint(root: Path) -> dict[str, tuple[int, str]]:
    return {
        str(path): (
            os.lstat(path).st_mtime_ns,
            hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest(),
        )
        for path in sorted(root.rglob("*"))
    }


def _readers(store: Store) -> Iterator[RunReader]:
    for record in sorted(store.list_runs(deleted=None), key=lambda record: (record.created_at, record.ref.folder)):
        yield store.open_run(record.ref)


def _told(reader: RunReader) -> str:
    record = reader.record
    shown = (
        record.status,
        record.created_at,
        record.best,
        record.display_name,
        record.tags,
        record.note,
        record.pinned,
    )
    lines = [(line.stream, line.text) for line in reader.logs().lines]
    told = (shown, record.deleted_at, reader.series(), reader.media(), lines, reader.read("params"))
    return repr(told).replace(" ", "")


@pytest.mark.parametrize("make", [_old, _newer, _today])
def test_every_run_comes_over_and_the_source_keeps_each_of_its_bytes(make: Any, tmp_path: Path) -> None:
    source, target = make(tmp_path / "source"), tmp_path / "target"
    before = _fingerprint(source)
    dry = _migrate(source, target, "--dry-run")
    assert "would be migrated" in dry.output
    assert not target.exists()
    done = _migrate(source, target, "--json")
    assert done.exit_code == 0, done.output
    assert _fingerprint(source) == before
    told = json.loads(done.output)
    old, new = open_store(source), open_store(target)
    assert len(told) == len(list(_readers(old))) == len(list(_readers(new)))
    assert sorted(map(_told, _readers(new))) == sorted(map(_told, _readers(old)))
    values = sum(len(record.data) for reader in _readers(old) for record in reader.records())
    assert sum(one["points"] for one in told) == values
    assert {reader.record.format for reader in _readers(new)} == {"runicorn"}
    assert [path.name for path in target.iterdir() if path.name.startswith(".mig")] == []
    again = json.loads(_migrate(source, target, "--json").output)
    assert {one["left"] for one in again} == {"brought over before"}
    old.close()
    new.close()


def test_oddities_of_older_folders_lose_nothing(tmp_path: Path) -> None:
    source, target = _old(tmp_path / "source"), tmp_path / "target"
    assert "copied as they are: artifacts, evaluations" in _migrate(source, target).output
    store = open_store(target)
    found = {record.ref.folder: record for record in store.list_runs(deleted=None)}
    rich = next(record for folder, record in found.items() if folder == "demo/基线 a/runs/rich")
    assert (rich.tags, rich.note, rich.pinned) == (("a", "b"), "told", True)
    assert rich.best is not None
    assert rich.best.value == 0.125
    reader = store.open_run(rich.ref)
    records = list(reader.records())
    assert [record.data.get("loss") for record in records[:3]] == [1.0, 0.5, 0.25]
    assert [record.step for record in records] == [1, 2, 2, 3, 1, 2]
    assert [record.stage for record in records] == ["train", None, None, None, None, None]
    assert len(reader.media()) == 2
    assert (reader.folder / reader.media()[0].path).read_bytes() == b"png"
    assert (target / "artifacts" / "ArtifactType.MODEL" / "m" / "versions.json").exists()
    names = [folder for folder in found if "odd" in folder]
    assert len(names) == 1
    assert ":" not in names[0]
    assert len([folder for folder in found if folder.startswith("demo/基线 a/runs/rich-")]) == 1
    assert "somewhere" not in (reader.folder / "meta.json").read_text()
    assert "D:" not in (reader.folder / "meta.json").read_text()
    with rn.init(project="demo", name="基线 a", run_id="rich", resume="must", storage=str(target)) as run:
        run.log(loss=7.0)  # a run of today: it can be resumed
    assert [series.last for series in reader.series() if series.key == "loss"] == [7.0]
    store.close()


def test_a_migration_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    source, target = _old(tmp_path / "source"), tmp_path / "target"
    before = _fingerprint(source)
    code = """
import os, sys
from pathlib import Path
from runicorn.hooks import open_store
from runicorn_storage_duckdb.migration.migrate import Migration
source, target, left = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
def step(event, arguments):
    global left
    if event in ("open", "os.rename", "os.mkdir", "os.remove") and str(target) in str(arguments[0]):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), 9)
sys.addaudithook(step)
store = open_store(source)
migration = Migration(store, target)
for record in store.list_runs(deleted=None):
    migration.run(record)
"""
    for at in (3, 9, 25, 60, 100, 140):
        done = subprocess.run([sys.executable, "-c", code, str(source), str(target), str(at)], check=False)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    assert _migrate(source, target).exit_code == 0
    assert _fingerprint(source) == before
    old, new = open_store(source), open_store(target)
    assert sorted(map(_told, _readers(new))) == sorted(map(_told, _readers(old)))
    old.close()
    new.close()


def test_a_root_inside_of_the_other_is_refused(tmp_path: Path) -> None:
    source = _newer(tmp_path / "source")
    for target in (source, source / "below", tmp_path):
        answer = _migrate(source, target)
        assert answer.exit_code != 0
        assert "lie in one another" in str(answer.exception)


def test_a_source_of_an_older_runicorn_that_has_gone_on_comes_over_again(tmp_path: Path) -> None:
    source, target = _newer(tmp_path / "source"), tmp_path / "target"
    assert _migrate(source, target).exit_code == 0
    events = source / "runs" / "bare" / "events.jsonl"
    with events.open("a", encoding="utf-8") as file:
        file.write(_metrics(6.0, 2, a=2))
    os.utime(events, (1e9, 1e9))  # as something that fetches the files of a cluster with their times leaves it
    told = {one["run"]: one["left"] for one in json.loads(_migrate(source, target, "--json").output)}
    assert sorted(told.values(), key=str) == [None, "brought over before"]
    old, new = open_store(source), open_store(target)
    assert sorted(map(_told, _readers(new))) == sorted(map(_told, _readers(old)))
    old.close()
    new.close()
