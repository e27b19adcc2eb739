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


def test_more_runs_than_a_page_can_draw_are_refused(viewer: Any) -> None:
    assert viewer.post("/api/v2/details", json={"runs": [f"run-{n}" for n in range(201)]}).status_code == 400
    assert viewer.post("/api/v2/details", json={"runs": []}).status_code == 400
