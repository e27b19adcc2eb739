"""Managing runs over HTTP: in bulk, with undo."""

from __future__ import annotations

from typing import Any


def post(viewer: Any, path: str, **body: Any) -> Any:
    answer = viewer.post(f"/api/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows(viewer: Any) -> dict[str, Any]:
    return {row["id"]: row for row in viewer.get("/api/experiments").json()}


def ended(make_run: Any, *names: str) -> None:
    for place, name in enumerate(names):
        run = make_run(name, created_at=1000.0 + place)
        run.log(1, loss=0.5)
        run.finish()


def test_runs_are_tagged_in_bulk_and_it_is_undone(viewer: Any, make_run: Any) -> None:
    ended(make_run, "a", "b")
    post(viewer, "experiments/tag", run_ids=["a"], value=["x"])
    answer = post(viewer, "experiments/tags", run_ids=["a", "b", "nowhere"], add=["y"], remove=["x"])
    assert answer["updated"] == 2
    assert "nowhere" in answer["errors"]
    assert [row["tags"] for row in rows(viewer).values()] == [["y"], ["y"]]
    undone = post(viewer, "changes/undo", change=answer["change"])
    assert len(undone["undone"]) == 2
    assert (rows(viewer)["a"]["tags"], rows(viewer)["b"]["tags"]) == (["x"], [])
    assert viewer.post("/api/changes/undo", json={"change": answer["change"]}).status_code == 400


def test_deleting_is_a_change_that_can_be_undone(viewer: Any, make_run: Any) -> None:
    ended(make_run, "a", "b")
    answer = post(viewer, "runs/soft-delete", run_ids=["a", "b"])
    assert rows(viewer) == {}
    (change,) = viewer.get("/api/changes").json()
    assert (change["id"], change["what"], change["kind"], len(change["runs"])) == (
        answer["change"],
        "delete 2 runs",
        "delete",
        2,
    )
    post(viewer, "changes/undo")
    assert set(rows(viewer)) == {"a", "b"}
    assert viewer.get("/api/changes").json() == []


def test_an_emptied_bin_is_not_taken_for_an_older_change(viewer: Any, make_run: Any) -> None:
    ended(make_run, "a", "b")
    post(viewer, "experiments/tags", run_ids=["a"], add=["y"])
    post(viewer, "runs/soft-delete", run_ids=["b"])
    post(viewer, "recycle-bin/empty", confirm=True)
    assert [change["what"] for change in viewer.get("/api/changes").json()] == ["tag 1 run"]
    refused = viewer.post("/api/changes/undo", json={})
    assert refused.status_code == 400
    assert "the last change, remove 1 run for good, cannot be undone" in refused.text
    assert rows(viewer)["a"]["tags"] == ["y"]
    assert len(post(viewer, "changes/undo")["undone"]) == 1


def test_runs_are_grouped_and_moved_unless_they_are_being_written(viewer: Any, make_run: Any) -> None:
    ended(make_run, "a")
    make_run("busy")
    assert post(viewer, "experiments/group", run_ids=["a"], value="sweep")["updated"] == 1
    assert viewer.get("/api/runs/a").json()["group"] == "sweep"
    answer = post(viewer, "experiments/move", run_ids=["a", "busy"], project="q", name="m/n")
    assert answer["updated"] == 1
    assert "is being written" in answer["errors"]["busy"]
    assert (rows(viewer)["a"]["project"], rows(viewer)["a"]["name"]) == ("q", "m/n")
    assert viewer.post("/api/experiments/move", json={"run_ids": ["a"], "project": "../x"}).status_code == 400
    assert viewer.post("/api/experiments/move", json={"run_ids": ["a"]}).status_code == 400


def test_a_clean_up_is_shown_before_it_is_made(viewer: Any, make_run: Any) -> None:
    ended(make_run, "a", "b")
    post(viewer, "experiments/pin", run_ids=["b"])
    dry = post(viewer, "experiments/cleanup", older_than_s=60)
    assert (len(dry["runs"]), dry["done"], dry["change"]) == (1, False, None)
    assert set(rows(viewer)) == {"a", "b"}
    done = post(viewer, "experiments/cleanup", older_than_s=60, dry_run=False)
    assert (done["runs"], done["done"]) == (dry["runs"], True)
    assert set(rows(viewer)) == {"b"}
    assert viewer.post("/api/experiments/cleanup", json={}).status_code == 400


def test_disk_space_is_told_for_each_project(viewer: Any, make_run: Any) -> None:
    ended(make_run, "a")
    (row,) = viewer.get("/api/usage").json()
    assert (row["project"], row["runs"], row["deleted_runs"], row["deleted_bytes"]) == ("p", 1, 0, 0)
    assert row["bytes"] > 0


def test_emptying_the_bin_spares_what_is_being_written(viewer: Any, make_run: Any) -> None:
    ended(make_run, "a")
    make_run("busy")
    post(viewer, "runs/soft-delete", run_ids=["a", "busy"])
    answer = post(viewer, "recycle-bin/empty", confirm=True)
    assert answer["purged"] == 1
    assert [row["id"] for row in viewer.get("/api/recycle-bin").json()] == ["busy"]
