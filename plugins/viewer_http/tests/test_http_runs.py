"""Runs over HTTP: the list, one run, and what people write about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from runicorn.contracts import Store


def test_health_names_the_storage_and_every_check(viewer: Any, make_run: Any, root: Path) -> None:
    make_run("a")
    answer = viewer.get("/api/health").json()
    assert answer["status"] == "ok"
    assert answer["storage"] == {"root": str(root), "backend": "hybrid", "runs": 1}
    assert {check["name"] for check in answer["checks"]} >= {"storage-backend", "storage-readable"}


def test_the_list_is_complete_and_newest_first(viewer: Any, make_run: Any) -> None:
    for n in range(30):
        make_run(f"run{n:02}")
    rows = viewer.get("/api/experiments").json()
    assert [row["id"] for row in rows] == [f"run{n:02}" for n in reversed(range(30))]
    assert rows[0]["path"] == "p/n/runs/run29"
    assert rows[0]["status"] in ("running", "crashed")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"project": "q"}, ["b"]),
        ({"name": "other"}, ["c"]),
        ({"status": "finished"}, ["a"]),
        ({"tag": "best"}, ["b"]),
        ({"q": "NEEDLE"}, ["c"]),
        ({"include_deleted": "true"}, ["d", "c", "b", "a"]),
        ({}, ["c", "b", "a"]),
    ],
)
def test_the_list_is_filtered(
    viewer: Any, make_run: Any, store: Store, query: dict[str, str], expected: list[str]
) -> None:
    make_run("a").finish()
    tagged = make_run("b", project="q")
    noted = make_run("c", name="other")
    gone = make_run("d")
    store.update_user(tagged.ref, lambda old: {**old, "tags": ["best"]})
    store.update_user(noted.ref, lambda old: {**old, "note": "a needle here"})
    store.soft_delete(gone.ref)
    assert [row["id"] for row in viewer.get("/api/experiments", params=query).json()] == expected


def test_tags_pins_archive_and_note_are_kept_and_errors_are_told_per_run(viewer: Any, make_run: Any) -> None:
    make_run("a")
    make_run("b")
    both = ["a", "b", "nobody"]
    answer = viewer.post("/api/experiments/tag", json={"run_ids": both, "value": ["x", "y"]})
    assert answer.status_code == 200
    assert answer.json()["updated"] == 2
    assert answer.json()["errors"] == {"nobody": "there is no run 'nobody'"}
    for verb, value in (("pin", True), ("archive", True), ("note", "über alles 好")):
        assert viewer.post(f"/api/experiments/{verb}", json={"run_ids": ["a"], "value": value}).json()["updated"] == 1
    row = {row["id"]: row for row in viewer.get("/api/experiments").json()}["a"]
    assert (row["tags"], row["pinned"], row["archived"], row["note"]) == (["x", "y"], True, True, "über alles 好")


def test_a_runs_alerts_are_told_as_far_as_they_can_be_understood(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.append(b'{"ts": 5.0, "type": "alert", "step": 7, "data": {"title": "loss is NaN", "level": "error"}}\n')
    run.append(b'{"ts": 6.0, "type": "alert", "data": {"title": 12, "text": "odd"}}\n')
    first, second = viewer.get("/api/runs/a").json()["alerts"]
    assert first == {"time": 5.0, "step": 7, "level": "error", "title": "loss is NaN", "text": "", "rule": ""}
    assert (second["step"], second["title"], second["text"]) == (None, "12", "odd")


def test_one_run_answers_everything_about_it(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.session.write("params", {"lr": 0.1, "net": {"width": 8}})
    run.session.write("summary", {"acc": 0.5, "best": {"metric": "loss", "value": 0.25, "step": 2, "mode": "min"}})
    run.log(1, loss=0.5, note="warm")
    run.log(2, loss=0.25)
    run.line("hello")
    run.image("eyes", 2, b"\x89PNG....")
    answer = viewer.get("/api/runs/a").json()
    assert answer["params"] == {"lr": 0.1, "net": {"width": 8}}
    assert answer["best_metric"] == {"name": "loss", "value": 0.25, "step": 2, "mode": "min"}
    assert answer["media"] == ["eyes"]
    assert answer["texts"] == {"note": "warm"}
    assert answer["logs"] == {"size": 1}
    assert answer["environment"] is False
    (loss,) = answer["metrics"]
    assert (loss["key"], loss["n"], loss["last"], loss["min"], loss["max_step"]) == ("loss", 2, 0.25, 0.25, 1)
    assert viewer.get("/api/runs/a/params").json() == {"lr": 0.1, "net": {"width": 8}}
    assert viewer.get("/api/runs/a/summary").json()["acc"] == 0.5
    assert viewer.get("/api/runs/a/environment").json() == {}


def test_a_long_logged_string_does_not_make_the_answer_long(viewer: Any, make_run: Any) -> None:
    make_run("a").log(1, text="x" * 3_000_000)
    assert len(viewer.get("/api/runs/a").content) < 10_000


def test_a_patch_is_one_change_that_can_be_undone(viewer: Any, make_run: Any) -> None:
    make_run("a")
    viewer.patch("/api/runs/a", json={"tags": ["first"], "note": "first"})
    change = viewer.patch("/api/runs/a", json={"tags": ["second"], "note": "second", "name": "Shown"}).json()["change"]
    assert next((row["id"], row["what"]) for row in viewer.get("/api/changes").json()) == (change, "edit 1 run")
    assert viewer.post("/api/changes/undo", json={"change": change}).json()["errors"] == {}
    run = viewer.get("/api/runs/a").json()
    assert (run["tags"], run["note"], run["title"]) == (["first"], "first", "a")
    assert viewer.patch("/api/runs/a", json={}).json()["change"] is None
    assert len(viewer.get("/api/changes").json()) == 1


def test_a_patch_changes_what_it_names_and_nothing_else(viewer: Any, make_run: Any) -> None:
    make_run("a")
    viewer.patch("/api/runs/a", json={"tags": ["t"], "note": "n"})
    answer = viewer.patch("/api/runs/a", json={"name": "My run"}).json()
    assert (answer["title"], answer["tags"], answer["note"]) == ("My run", ["t"], "n")
    assert viewer.patch("/api/runs/a", json={"name": ""}).json()["title"] == "a"


def test_the_newer_of_two_runs_with_one_id_answers_and_the_path_tells_them_apart(viewer: Any, make_run: Any) -> None:
    make_run("same", project="old", created_at=1000.0)
    make_run("same", project="new", created_at=2000.0)
    assert viewer.get("/api/runs/same").json()["project"] == "new"
    assert viewer.get("/api/runs/same", params={"path": "old/n/runs/same"}).json()["project"] == "old"
    assert viewer.get("/api/runs/same", params={"path": "elsewhere"}).status_code == 404
    answer = viewer.post("/api/experiments/note", json={"run_ids": ["old/n/runs/same"], "value": "mine"})
    assert (answer.json()["updated"], answer.json()["errors"]) == (1, {})
    assert viewer.get("/api/runs/same").json()["note"] == ""


def test_no_run_is_changed_by_an_id_that_several_carry(viewer: Any, make_run: Any) -> None:
    make_run("same", project="old")
    make_run("same", project="new")
    answer = viewer.patch("/api/runs/same", json={"note": "mine"})
    assert (answer.status_code, answer.json()["code"]) == (409, "run-ambiguous")
    assert set(answer.json()["folders"]) == {"old/n/runs/same", "new/n/runs/same"}
    deleted = viewer.post("/api/runs/soft-delete", json={"run_ids": ["same"]}).json()
    assert deleted["deleted"] == 0
    assert "is the id of 2 runs; give the folder of one: " in deleted["results"]["same"]["error"]
    assert viewer.post("/api/experiments/tags", json={"run_ids": ["same"], "add": ["x"]}).json()["updated"] == 0
    path = "old/n/runs/same"
    assert viewer.patch("/api/runs/same", params={"path": path}, json={"note": "mine"}).json()["note"] == "mine"
    assert viewer.post("/api/runs/soft-delete", json={"run_ids": [path]}).json()["deleted"] == 1


@pytest.mark.parametrize("name", ["日本語の実行", "a b&c=d", "100%", "soft-delete", "#1"])
def test_ids_of_any_script_travel_in_the_path(viewer: Any, make_run: Any, name: str) -> None:
    make_run(name)
    answer = viewer.get(httpx.URL(str(viewer.base_url)).copy_with(raw_path=_quoted(f"/api/runs/{name}")))
    assert answer.json()["id"] == name


def _quoted(path: str) -> bytes:
    from urllib.parse import quote

    return quote(path).encode()


def test_deleted_runs_go_to_the_bin_come_back_and_are_purged_only_from_there(
    viewer: Any, make_run: Any, root: Path
) -> None:
    kept, gone = make_run("kept"), make_run("gone")
    gone.finish()
    answer = viewer.post("/api/runs/soft-delete", json={"run_ids": ["kept", "gone", "nobody"]}).json()
    assert answer["deleted"] == 2
    assert answer["results"]["nobody"] == {"ok": False, "error": "there is no run 'nobody'"}
    assert [row["id"] for row in viewer.get("/api/recycle-bin").json()] == ["gone", "kept"]
    assert viewer.get("/api/experiments").json() == []
    gone.log(1, loss=1.0)
    assert viewer.get("/api/metrics/gone").json()["total"] == 1, "runs in the recycle bin answer too"
    restored = viewer.post("/api/recycle-bin/restore", json={"run_ids": ["kept"]}).json()
    assert (restored["restored"], restored["results"]) == (1, {"kept": {"ok": True}})
    again = viewer.post("/api/recycle-bin/restore", json={"run_ids": ["kept"]}).json()
    assert again["results"]["kept"]["ok"] is False
    assert viewer.post("/api/recycle-bin/empty", json={"confirm": False}).status_code == 400
    assert viewer.post("/api/recycle-bin/empty", json={"confirm": True}).json()["purged"] == 1
    assert kept.folder.is_dir()
    assert not gone.folder.exists()


def test_projects_count_runs_and_know_their_last_activity(viewer: Any, make_run: Any) -> None:
    make_run("a", project="vision", name="yolo", created_at=1000.0).finish()
    make_run("b", project="vision", name="yolo/ablation", created_at=2000.0).finish()
    make_run("c", project="nlp", created_at=3000.0).finish()
    tree = viewer.get("/api/projects").json()
    assert [(p["project"], p["runs"], p["last_activity"]) for p in tree] == [("nlp", 1, 3060.0), ("vision", 2, 2060.0)]
    names = viewer.get("/api/projects/names", params={"project": "vision"}).json()
    assert [name["name"] for name in names] == ["yolo/ablation", "yolo"]
    runs = viewer.get("/api/projects/runs", params={"project": "vision", "name": "yolo"}).json()
    assert [row["id"] for row in runs] == ["a"]
    assert viewer.get("/api/projects/names", params={"project": "none"}).json()["code"] == "project-not-found"
