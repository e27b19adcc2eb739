"""Folders as Runicorn 0.5 and 0.7 left them, with every oddity that real ones hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


def _document(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")


def _event(ts: float, kind: str, **data: Any) -> str:
    return json.dumps({"ts": ts, "type": kind, "data": data}, ensure_ascii=False) + "\n"


def _metrics(ts: float, step: int, stage: str | None = None, **data: Any) -> str:
    return _event(ts, "metrics", **data, global_step=step, time=ts, **({"stage": stage} if stage else {}))


def _meta(run_id: str, **more: Any) -> dict[str, Any]:
    return {
        "id": run_id,
        "created_at": 1700000000.5,
        "python": "3.11.7",
        "platform": "Linux 6.1 (x86_64)",
        "hostname": "a-machine-of-2023",
        "pid": 4242,
        "storage_dir": "D:\\experiments\\存储",
        **more,
    }


def _run(folder: Path, meta: dict[str, Any], events: str | None, status: dict[str, Any] | None) -> Path:
    _document(folder / "meta.json", meta)
    if status is not None:
        _document(folder / "status.json", status)
    if events is not None:
        (folder / "events.jsonl").write_text(events, encoding="utf-8")
    for name in ("events.jsonl.lock", "status.json.lock", "logs.txt.lock"):
        (folder / name).touch()
    return folder


def _rich_run(folder: Path, meta: dict[str, Any]) -> None:
    """A finished run that was reopened once, killed once, and diverged."""
    events = (
        _metrics(10.0, 1, "train", loss=1.0, **{"val/acc top 1": 0.5, "学习率": 0.1}, flag=True, none=None, word="hi")
        + _metrics(11.0, 2, "train", loss=0.5, nested={"a": [1, {"b": None}]}, flag=False)
        + _metrics(11.0, 2, loss=0.25)  # a second record for the step
        + _metrics(12.0, 3, loss=float("nan"), up=float("inf"), down=float("-inf"))
        + _event(12.5, "image", key="img", path="media/1700000000000_abc123_img.png", step=3, caption=None)
        + _event(12.6, "image", key="img", path="media\\1700000000001_abc124_img.png", step=None, caption="c")
        + '{"ts": 13.0, "type": "metr'  # killed; the reopened run glued its first record to this
        + _metrics(20.0, 1, loss=2.0, word="again")
        + "\n"
        + "\x00\x00 garbage\n"
        + _event(20.5, "something-else", x=1)
        + _metrics(21.0, 2, loss=0.125)
        + '{"ts": 22.0, "type": "metrics", "data": {"loss": 9'  # killed again
    )
    _run(folder, meta, events, {"status": "finished", "started_at": 1700000001.0, "ended_at": 1700000061.0})
    best = {"best_metric_value": 0.125, "best_metric_name": "loss", "best_metric_step": 2, "best_metric_mode": "min"}
    _document(folder / "summary.json", {"final": {"acc": [1, 2]}, **best})
    logs = "12:00:01 | first 第一\n\ncontinued\n12:00:02 | \x1b[31mred\x1b[0m 10%|#  |\r 20%|## |\n12:00:03 | last"
    (folder / "logs.txt").write_bytes(logs.encode())
    (folder / "media").mkdir()
    (folder / "media/1700000000000_abc123_img.png").write_bytes(b"png")


@pytest.fixture
def root_05(tmp_path: Path) -> Path:
    """A root that 0.5 (and, in its ``runs`` folder, something older still) has written."""
    root = tmp_path / "root-0.5"
    runs = root / "demo" / "基线 a" / "runs"
    _rich_run(runs / "rich", _meta("rich", project="demo", name="基线 a"))
    artifact = {"name": "m", "type": "model", "version": 1, "created_at": 1.0, "size_bytes": 3, "num_files": 1}
    _document(runs / "rich" / "artifacts_created.json", {"artifacts": [artifact]})
    _document(runs / "rich" / "artifacts_used.json", {"artifacts": [{**artifact, "name": "d", "type": "dataset"}]})
    _document(runs / "rich" / "environment.json", {"python_version": "3.11.7", "git_info": None, "pip_packages": []})

    meta = _meta("x", project="demo", name="基线 a")
    running = {"status": "running", "started_at": 1700000001.0}
    _run(runs / "empty", {**meta, "id": "empty"}, "", running)
    _run(runs / "no-events", {**meta, "id": "no-events"}, None, {"status": "completed", "started_at": 1.0})
    _run(
        runs / "odd-status",
        {**meta, "id": "odd-status"},
        None,
        {"status": "failed", "exit_reason": "process_not_found"},
    )
    (_run(runs / "torn", {**meta, "id": "torn"}, None, None) / "status.json").touch()
    (runs / "torn" / "summary.json").touch()
    nameless = _run(runs / "no-meta", {}, _metrics(5.0, 1, a=1), None)
    (nameless / "meta.json").unlink()
    deleted = _run(runs / "deleted", {**meta, "id": "deleted"}, _metrics(5.0, 1, a=1), {"status": "finished"})
    _document(deleted / ".deleted", {"deleted_at": 9.0, "reason": "user_deleted", "original_status": "finished"})

    _run(root / "runs" / "legacy", _meta("legacy", project="old project", name="old name"), _metrics(5.0, 1, a=1), None)

    for decoy in ("artifacts/ArtifactType.MODEL/m/v1", "artifacts/model/n/runs/r", "evaluations", "archive/runs/r"):
        _document(root / decoy / "meta.json", _meta("decoy"))
    people = {"run_id": "rich", "tags": ["a", "b"], "description": "told", "archived": True, "pinned": True}
    _document(root / ".experiments_metadata.json", {"rich": people})
    _document(root / ".runicorn" / "full_manifest.json", {"format_version": "1.0"})
    (root / "demo" / "loop").symlink_to(root / "demo", target_is_directory=True)
    (root / "runicorn.db").write_bytes(b"SQLite format 3\x00")
    return root


@pytest.fixture
def root_07(tmp_path: Path) -> Path:
    """A root that 0.7.2 has written."""
    root = tmp_path / "root-0.7"
    meta = _meta("rich", path="cv/yolo/ablation", alias="first try", workspace_root="/home/somebody", tags=["t"])
    folder = root / "runs" / "cv" / "yolo" / "ablation" / "rich"
    _rich_run(folder, meta)
    _document(folder / "assets.json", {"code": {}, "config": {"args": {"lr": 0.1, "net": {"w": 64}}}, "outputs": []})
    for run_id, path, where in (("one", "nlp", "nlp/one"), ("bare", "", "bare")):
        meta = _meta(run_id, path=path, alias=None)
        _run(root / "runs" / where, meta, _metrics(5.0, 1, a=1), {"status": "finished"})
    (root / "runs" / "cv" / "up").symlink_to(root / "runs", target_is_directory=True)
    _document(root / "archive" / "blobs" / "ab" / "meta.json", {})
    return root
