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
