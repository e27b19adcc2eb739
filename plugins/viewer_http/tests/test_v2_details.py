"""Details of many runs in one answer."""

from __future__ import annotations

from typing import Any


def test_details_of_many_runs_come_in_one_answer_in_the_order_of_the_question(viewer: Any, make_run: Any) -> None:
    for name in ("one", "two", "three"):
        make_run(name).log(1, loss=0.5)
    answer = viewer.post("/api/v2/details", json={"runs": ["three", "nobody", "one", "three"]}).json()
    assert [run["id"] for run in answer["runs"]] == ["three", "one"]
    assert answer["missing"] == ["nobody"]
    assert answer["runs"][1] == viewer.get("/api/runs/one").json()


def test_the_newest_runs_of_a_project_are_described_without_being_named(viewer: Any, make_run: Any) -> None:
    for name, project in (("old", "p"), ("middle", "p"), ("other", "q"), ("new", "p"), ("away", "p")):
        make_run(name, project=project).log(1, loss=0.5)
    assert viewer.post("/api/experiments/archive", json={"run_ids": ["away"], "value": True}).status_code == 200
    answer = viewer.post("/api/v2/details", json={"project": "p", "limit": 2}).json()
    assert ([run["id"] for run in answer["runs"]], answer["missing"]) == (["new", "middle"], [])
    assert answer["runs"] == viewer.post("/api/v2/details", json={"runs": ["new", "middle"]}).json()["runs"]
    assert viewer.post("/api/v2/details", json={"project": "nowhere"}).json() == {"runs": [], "missing": []}
    for body in ({}, {"project": "p", "runs": ["new"]}):
        assert viewer.post("/api/v2/details", json=body).status_code == 400


def test_a_damaged_run_is_told_and_takes_no_other_run_away(viewer: Any, make_run: Any) -> None:
    whole, damaged = make_run("whole"), make_run("damaged")
    for run in (whole, damaged):
        run.session.write("params", {"lr": 0.5})
        run.log(1, v=1.0)
    (viewer.viewer.store.open_run(damaged.ref).folder / "segments.json").write_text("{")
    first, second = viewer.post("/api/v2/details", json={"runs": ["whole", "damaged"]}).json()["runs"]
    assert (first["unreadable"], [metric["key"] for metric in first["metrics"]]) == (None, ["v"])
    assert (second["params"], second["metrics"]) == ({"lr": 0.5}, [])
    assert second["unreadable"] == "it is damaged; put it back from a copy"


def test_more_runs_than_a_page_can_draw_are_refused(viewer: Any) -> None:
    assert viewer.post("/api/v2/details", json={"runs": [f"run-{n}" for n in range(201)]}).status_code == 400
    assert viewer.post("/api/v2/details", json={"runs": []}).status_code == 400
