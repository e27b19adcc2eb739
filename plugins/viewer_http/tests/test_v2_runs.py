"""Lists of runs: filtered, sorted, paged, grouped, as JSON and as Arrow."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest


@pytest.fixture
def four(viewer: Any, make_run: Any) -> Any:
    """Four runs of two models."""
    for at, (name, model, acc) in enumerate(
        [("a", "cnn", 0.5), ("b", "cnn", 0.7), ("c", "vit", 0.9), ("d", "vit", "NaN")]
    ):
        run = make_run(name, name="x" if at % 2 else "y", created_at=1000.0 + at)
        run.session.write("params", {"model": model, "lr": 10.0**-at, "opt": {"name": "adam"}})
        run.session.write("user", {"tags": ["best", "x"] if name == "c" else []})
        run.log(1, **{"val/acc": acc})
        run.log(2, **{"val/acc": 0.1})
        run.finish()
    return viewer


def page(viewer: Any, **query: Any) -> dict[str, Any]:
    answer = viewer.get("/api/v2/runs", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_filter_that_finds_nothing_is_told_what_no_run_has(four: Any) -> None:
    found = page(four, q="metrics.val/ac.max > 0.5 or params.none exists", columns="status")
    assert (found["total"], found["unknown"]) == (
        0,
        [{"field": "metrics.val/ac.max", "meant": "metrics.val/acc.max"}, {"field": "params.none", "meant": None}],
    )
    assert page(four, q="params.lr > 5", columns="status")["unknown"] == []
    assert page(four, q="params.lrr = 1", group_by="status")["unknown"][0]["meant"] == "params.lr"


def test_a_page_is_filtered_sorted_and_has_the_columns_asked_for(four: Any) -> None:
    columns = "status,tags,params.lr,params.opt.name,metrics.val/acc.max,metrics.none.last"
    found = page(four, q="params.lr < 0.5 and finished", order_by="-metrics.val/acc.max", columns=columns, per_page=2)
    assert found["columns"] == columns.split(",")
    assert found["rows"][0] == {
        "run": "c", "path": "p/y/runs/c", "status": "finished", "tags": ["best", "x"], "params.lr": 0.01,
        "params.opt.name": "adam", "metrics.val/acc.max": 0.9, "metrics.none.last": None,
    }  # fmt: skip
    assert [row["run"] for row in found["rows"]] == ["c", "b"]
    assert {name: found[name] for name in ("total", "page", "per_page", "has_next", "partial", "indexed")} == {
        "total": 3, "page": 1, "per_page": 2, "has_next": True, "partial": False, "indexed": None,
    }  # fmt: skip
    last = page(four, q="params.lr < 0.5 and finished", order_by="-metrics.val/acc.max", per_page=2, page=2)
    assert ([row["run"] for row in last["rows"]], last["has_next"]) == (["d"], False)


def test_the_newest_come_first_and_the_bin_is_asked_for(four: Any) -> None:
    four.post("/api/runs/soft-delete", json={"run_ids": ["b"]})
    assert [row["run"] for row in page(four)["rows"]] == ["d", "c", "a"]
    assert [row["run"] for row in page(four, deleted="only")["rows"]] == ["b"]
    assert [row["run"] for row in page(four, q="deleted = true or run = a")["rows"]] == ["b", "a"]
    assert [row["run"] for row in page(four, project="none")["rows"]] == []


def test_arrow_has_the_same_rows_with_texts_in_dictionaries(four: Any) -> None:
    query = {"columns": "status,created_at,tags,pinned,params.model,metrics.val/acc.max", "order_by": "created_at"}
    answer = four.get("/api/v2/runs", params=query, headers={"Accept": "application/vnd.apache.arrow.stream"})
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.to_pylist() == page(four, **query)["rows"]
    assert pa.types.is_dictionary(table.schema.field("status").type)
    assert table.schema.field("metrics.val/acc.max").type == pa.float64()
    assert json.loads(table.schema.metadata[b"runicorn"])["total"] == 4


def test_a_run_whose_figures_cannot_be_read_is_named_beside_the_rows(four: Any) -> None:
    ref = next(record.ref for record in four.viewer.store.list_runs() if record.ref.id == "b")
    (four.viewer.store.open_run(ref).folder / "segments.json").write_text("{")
    query = {"columns": "metrics.val/acc.max", "order_by": "run"}
    found = page(four, **query)
    assert [row["metrics.val/acc.max"] is None for row in found["rows"]] == [False, True, False, False]
    assert list(found["unreadable"]) == [ref.folder]
    assert "it is damaged; put it back from a copy" in found["unreadable"][ref.folder]
    answer = four.get("/api/v2/runs", params=query, headers={"Accept": "application/vnd.apache.arrow.stream"})
    schema = pa.ipc.open_stream(answer.content).schema
    assert json.loads(schema.metadata[b"runicorn"])["unreadable"] == found["unreadable"]
    assert page(four, q="run = a", columns="metrics.val/acc.max")["unreadable"] == {}


def test_groups_have_the_spread_of_every_number(four: Any) -> None:
    query = {"group_by": "params.model", "columns": "metrics.val/acc.max,name", "order_by": "created_at"}
    found = page(four, **query)
    assert (found["total"], "rows" in found) == (2, False)
    cnn, vit = found["groups"]
    assert (cnn["group"], cnn["runs"], cnn["paths"]) == ({"params.model": "cnn"}, 2, ["p/y/runs/a", "p/x/runs/b"])
    assert cnn["numbers"]["metrics.val/acc.max"] == pytest.approx(
        {"mean": 0.6, "std": 0.02**0.5, "min": 0.5, "max": 0.7, "n": 2}
    )
    assert vit["numbers"]["metrics.val/acc.max"]["n"] == 2
    assert vit["texts"]["name"] == {"y": 1, "x": 1}
    answer = four.get("/api/v2/runs", params=query, headers={"Accept": "application/vnd.apache.arrow.stream"})
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table["params.model"].to_pylist() == ["cnn", "vit"]
    assert table["metrics.val/acc.max:mean"].to_pylist() == pytest.approx([0.6, 0.5])


@pytest.mark.parametrize(
    ("query", "where", "position", "suggestion"),
    [
        ({"q": "status = finished and lr < 1"}, "q", 22, "params.lr"),
        ({"q": "status ="}, "q", 8, ""),
        ({"order_by": "-val/acc.max"}, "order_by", 1, "metrics.val/acc.max"),
        ({"columns": "status,modle"}, "columns", 7, ""),
        ({"group_by": "model"}, "group_by", 0, "params.model"),
    ],
)
def test_a_mistake_is_answered_with_its_place(
    four: Any, query: dict[str, str], where: str, position: int, suggestion: str
) -> None:
    answer = four.get("/api/v2/runs", params=query)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["where"]) == (400, "filter-invalid", where)
    assert (problem["position"], problem["suggestion"]) == (position, suggestion)


def test_experiments_count_their_runs_and_show_the_spread_of_columns(four: Any) -> None:
    four.post("/api/experiments/archive", json={"run_ids": ["b"]})
    found = four.get("/api/v2/experiments", params={"columns": "metrics.val/acc.max,params.model"}).json()
    assert [(row["name"], row["runs"], row["statuses"], row["newest"]) for row in found["rows"]] == [
        ("x", 1, {"finished": 1}, "p/x/runs/d"),
        ("y", 2, {"finished": 2}, "p/y/runs/c"),
    ]
    both = found["rows"][1]
    assert (both["first_at"], both["last_at"]) == (1000.0, 1002.0)
    assert both["numbers"]["metrics.val/acc.max"]["mean"] == pytest.approx(0.7)
    assert both["texts"] == {"params.model": {"cnn": 1, "vit": 1}}
    assert (found["total"], found["has_next"]) == (2, False)
    assert four.get("/api/v2/experiments", params={"q": "vit", "archived": "also"}).json()["total"] == 0
    some = four.get("/api/v2/experiments", params={"q": "params.model = cnn", "archived": "also"}).json()
    assert [row["name"] for row in some["rows"]] == ["x", "y"]
