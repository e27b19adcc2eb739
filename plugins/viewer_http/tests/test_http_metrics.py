"""Curves over HTTP: every record, buckets, CSV, and what a cache may keep."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def test_every_record_comes_back_with_columns_sorted_and_absent_values_null(viewer: Any, make_run: Any) -> None:
    run = make_run("a", created_at=1000.0)
    run.log(1, "train", loss=0.5, acc=1)
    run.log(2, "val", loss=0.25)
    assert viewer.get("/api/metrics/a").json() == {
        "columns": ["step", "time", "stage", "acc", "loss"],
        "rows": [[1, 1001.0, "train", 1.0, 0.5], [2, 1002.0, "val", None, 0.25]],
        "total": 2,
        "sampled": 2,
    }


def test_nan_and_infinities_are_strings_and_several_values_of_one_step_all_survive(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.log(1, v="NaN")
    run.log(1, v="Infinity")
    run.log(1, v="-Infinity")
    rows = viewer.get("/api/metrics/a").json()["rows"]
    assert [row[3] for row in rows] == ["NaN", "Infinity", "-Infinity"]


def test_keys_are_repeated_or_listed_with_commas_unless_one_has_that_name(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.log_data(1, {"x": 1.0, "y": 2.0, "z": 3.0, "p,q": 4.0, "p": 5.0})

    def columns(*keys: str) -> list[str]:
        found: list[str] = viewer.get("/api/metrics/a", params={"keys": list(keys)}).json()["columns"]
        return found[3:]

    assert columns("y", "x") == ["x", "y"]
    assert columns("x,z") == ["x", "z"]
    assert columns("p,q") == ["p,q"]
    assert columns("x", "unknown") == ["unknown", "x"]


def test_text_values_are_answered_when_their_key_is_asked_for(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.log(1, phase="warm-up", loss=1.0)
    run.log(2, loss=2.0)
    answer = viewer.get("/api/metrics/a", params={"keys": ["phase"]}).json()
    assert [row[3] for row in answer["rows"]] == ["warm-up", None]


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        ({"from": 3, "to": 5}, [3, 4, 5]),
        ({"x": "relative", "from": 2, "to": 4}, [2, 3, 4]),  # the run started a second before its first record,
        ({"x": "wall", "to": 1002}, [1, 2]),
        ({"x": "half", "from": 4.5}, [9, 10]),
    ],
)
def test_a_range_is_inclusive_and_measured_in_x(
    viewer: Any, make_run: Any, query: dict[str, Any], steps: list[int]
) -> None:
    run = make_run("a", created_at=1000.0)
    for step in range(1, 11):
        run.log(step, half=step / 2)
    answer = viewer.get("/api/metrics/a", params=query).json()
    assert [row[0] for row in answer["rows"]] == steps
    assert answer["total"] == len(steps)


def test_no_extreme_is_lost_in_buckets(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    for step in range(5000):
        run.log(step, v=100.0 if step == 1234 else -100.0 if step == 4321 else math.sin(step))
    answer = viewer.get("/api/metrics/a", params={"buckets": 50}).json()
    assert answer["columns"] == ["step", "time", "stage", "v.first", "v.min", "v.max", "v.last", "v.mean"]
    assert answer["sampled"] == len(answer["rows"]) <= 50
    assert answer["total"] == 5000
    assert min(row[4] for row in answer["rows"]) == -100.0
    assert max(row[5] for row in answer["rows"]) == 100.0
    assert answer["rows"][0][0] == 0
    assert [row[0] for row in answer["rows"]] == sorted(row[0] for row in answer["rows"])


def test_buckets_without_a_finite_value_say_so_and_counts_tell_how_many_were_not(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.log(1, v=1.0)
    run.log(2, v="NaN")
    run.log(3, v="Infinity")
    answer = viewer.get("/api/metrics/a", params={"buckets": 100, "counts": "true"}).json()
    assert answer["columns"][3:] == [
        "v.first", "v.min", "v.max", "v.last", "v.mean", "v.n", "v.n_nan", "v.n_posinf", "v.n_neginf",
        "v.x_last", "bucket",
    ]  # fmt: skip
    assert [row[3:13] for row in answer["rows"]] == [
        [1.0, 1.0, 1.0, 1.0, 1.0, 1, 0, 0, 0, 1.0],
        ["NaN", None, None, "NaN", None, 0, 1, 0, 0, 2.0],
        ["Infinity", None, None, "Infinity", None, 0, 0, 1, 0, 3.0],
    ]
    grid = answer["grid"]
    assert grid["log_x"] is False
    assert [grid["origin"] + grid["width"] * row[-1] for row in answer["rows"]] == [1.0, 2.0, 3.0]


def test_runs_asked_one_by_one_meet_on_one_grid(viewer: Any, make_run: Any) -> None:
    for name, shift in (("a", 0), ("b", 3)):
        run = make_run(name)
        for step in range(shift, 1000):
            run.log(step, v=float(step))
    query = {"buckets": 100, "counts": "true", "from": 0, "to": 999}
    first, second = (viewer.get(f"/api/metrics/{name}", params=query).json() for name in ("a", "b"))
    assert first["grid"] == second["grid"]
    assert {row[-1] for row in second["rows"]} <= {row[-1] for row in first["rows"]}


def test_csv_holds_the_same_rows(viewer: Any, make_run: Any) -> None:
    run = make_run("a", created_at=1000.0)
    run.log_data(1, {"loss": 0.5, 'odd "name",\n': 1.0})
    run.log(2, loss="NaN")
    answer = viewer.get("/api/metrics/a", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert list(csv.reader(io.StringIO(answer.text, newline=""))) == [
        ["step", "time", "stage", "loss", 'odd "name",\n'],
        ["1", "1001.0", "", "0.5", "1.0"],
        ["2", "1002.0", "", "NaN", ""],
    ]


def test_what_is_not_served_yet_is_refused_by_name(viewer: Any, make_run: Any) -> None:
    make_run("a")
    answer = viewer.get("/api/metrics/a", headers={"Accept": "application/vnd.apache.arrow.stream"})
    assert answer.status_code == 406
    assert answer.json()["offers"] == ["application/json", "text/csv"]


def test_an_unchanged_run_is_not_sent_again_and_one_new_point_is(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.log(1, v=1.0)
    first = viewer.get("/api/metrics/a")
    etag = first.headers["etag"]
    again = viewer.get("/api/metrics/a", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    run.log(2, v=2.0)
    changed = viewer.get("/api/metrics/a", headers={"If-None-Match": etag})
    assert (changed.status_code, changed.json()["total"]) == (200, 2)
    as_csv = viewer.get("/api/metrics/a", headers={"If-None-Match": changed.headers["etag"], "Accept": "text/csv"})
    assert as_csv.status_code == 200, "another form is another version"


def test_a_run_without_records_answers_no_rows(viewer: Any, make_run: Any) -> None:
    make_run("a")
    empty = {"columns": ["step", "time", "stage"], "rows": [], "total": 0, "sampled": 0}
    assert viewer.get("/api/metrics/a").json() == empty
    assert viewer.get("/api/metrics/a", params={"buckets": 10}).json() == empty


def test_a_long_run_is_answered_whole_in_pieces(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    for step in range(20_000):
        run.log(step, v=step / 7, **({"w": 1.0} if step % 1000 == 0 else {}))
    answer = viewer.get("/api/metrics/a").json()
    assert [row[0] for row in answer["rows"]] == list(range(20_000))
    assert [row[0] for row in answer["rows"] if row[4] is not None] == list(range(0, 20_000, 1000))


_NUMBERS = st.one_of(st.integers(-5, 40), st.floats(allow_nan=True), st.text(max_size=4))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.fixed_dictionaries(
        {},
        optional={
            "x": st.sampled_from(["step", "relative", "wall", "v", "nothing", ""]),
            "from": _NUMBERS,
            "to": _NUMBERS,
            "buckets": _NUMBERS,
            "log_x": st.sampled_from(["true", "false", "yes"]),
            "counts": st.sampled_from(["true", "false"]),
            "keys": st.lists(st.sampled_from(["v", "w", "", ",", "v,w", "\x00"]), max_size=3),
        },
    )
)
def test_whatever_is_asked_is_answered_or_refused_with_the_parameter_named(
    viewer: Any, make_run: Any, query: dict[str, Any]
) -> None:
    if not viewer.viewer.store.find_runs("a"):
        run = make_run("a")
        for step in range(-3, 30):
            run.log(step, v=float(step), w="NaN" if step % 2 else 1.0)
    answer = viewer.get("/api/metrics/a", params=query)
    if answer.status_code == 400:
        assert answer.json()["where"] in query
    else:
        assert answer.status_code == 200
        body = answer.json()
        assert body["sampled"] == len(body["rows"])
        assert all(len(row) == len(body["columns"]) for row in body["rows"])
