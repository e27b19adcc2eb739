"""Curves of a page of panels: one Arrow stream, one grid, no extreme lost, tails that fit what was sent before."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest


class Curves:
    """An answer, as a client reads it."""

    def __init__(self, content: bytes) -> None:
        self.table = pa.ipc.open_stream(content).read_all()
        self.head: dict[str, Any] = json.loads(self.table.schema.metadata[b"runicorn"])
        self.columns: dict[str, Any] = {
            name: self.table[name].to_numpy() for name in self.table.column_names if name not in ("run", "key")
        }

    def of(self, run: str, key: str) -> dict[str, Any]:
        """The rows of one curve, found as the metadata say."""
        names = [one["name"] for one in self.head["runs"] or self.head["groups"]]
        for at, key_at, offset, length, *_ in self.head["series"]:
            if (names[at], self.head["keys"][key_at]) == (run, key):
                rows = slice(offset, offset + length)
                assert set(self.table["run"].slice(offset, length).to_pylist()) == {run}
                assert set(self.table["key"].slice(offset, length).to_pylist()) == {key}
                return {name: column[rows] for name, column in self.columns.items()}
        raise LookupError(run, key)


def ask(viewer: Any, runs: list[str], keys: list[str], **more: Any) -> Curves:
    answer = viewer.post("/api/v2/metrics", json={"runs": runs, "keys": keys, **more})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.apache.arrow.stream"
    return Curves(answer.content)


def test_few_points_come_as_they_are_and_many_in_buckets_on_one_grid(viewer: Any, make_run: Any) -> None:
    long, short = make_run("long"), make_run("short")
    for step in range(3000):
        long.log(
            step, loss=1e6 if step == 1234 else math.sin(step), **({"acc": step / 3000} if step % 100 == 0 else {})
        )
    for step in range(0, 3000, 100):
        short.log(step, loss=float(step))
    found = ask(viewer, ["long", "short"], ["loss", "acc"], buckets=100)
    assert found.table.column_names == [
        "run", "key", "bucket", "x_first", "x_last", "first", "min", "max", "last", "mean", "n", "n_nan", "n_posinf",
        "n_neginf",
    ]  # fmt: skip
    loss, points = found.of("long", "loss"), found.of("short", "loss")
    assert len(loss["n"]) <= 100
    assert loss["n"].sum() == 3000
    assert loss["max"].max() == 1e6
    assert points["first"].tolist() == points["x_first"].tolist() == list(range(0, 3000, 100))
    assert found.head["complete"] is True
    assert (found.head["y"][0]["low"], found.head["y"][0]["high"]) == (pytest.approx(-1.0, abs=1e-4), 1e6)
    assert found.head["y"][0]["p99"] < 1e6
    for rows in (loss, points):  # x lies in the bucket that the row names
        begin = found.head["origin"] + found.head["width"] * rows["bucket"]
        assert bool(((begin <= rows["x_first"]) & (rows["x_last"] < begin + found.head["width"])).all())
    raw = {(run, key): bool(is_raw) for run, key, _, _, _, is_raw in found.head["series"]}
    assert raw == {(0, 0): False, (1, 0): True, (0, 1): True}


def test_values_that_are_no_numbers_are_counted_and_never_hide_the_finite_ones(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    for step in range(5000):
        run.log(step, v="NaN" if step == 7 else "Infinity" if step == 8 else "-Infinity" if step == 9 else float(step))
    bucketed = ask(viewer, ["a"], ["v"], buckets=10).of("a", "v")
    assert (bucketed["n"].sum(), bucketed["n_nan"].sum(), bucketed["n_posinf"].sum(), bucketed["n_neginf"].sum()) == (
        4997, 1, 1, 1,
    )  # fmt: skip
    assert (bucketed["min"].min(), bucketed["max"].max()) == (0.0, 4999.0)
    near = ask(viewer, ["a"], ["v"], buckets=100, range=[6, 10]).of("a", "v")
    assert near["x_first"].tolist() == [6, 7, 8, 9, 10]
    assert str(near["first"].tolist()) == "[6.0, nan, inf, -inf, 10.0]"
    assert np.isnan(near["mean"]).tolist() == [False, True, True, True, False]


def test_y_may_have_all_of_its_digits(viewer: Any, make_run: Any) -> None:
    make_run("a").log(1, v=0.1)
    assert ask(viewer, ["a"], ["v"]).of("a", "v")["first"].dtype == np.float32
    assert ask(viewer, ["a"], ["v"], precision="float64").of("a", "v")["first"].tolist() == [0.1]


def test_a_picture_is_near_every_value_and_says_nothing_twice(viewer: Any, make_run: Any) -> None:
    rng = random.Random(3)
    bounds = {"loss": 1.0, "far": 1e6, "tiny": 1e-9, "wide": 1e30, "flat": 0.0, "broken": 1.0}
    short, long = make_run("short"), make_run("long")
    for run, steps in ((short, 150), (long, 900)):
        for step in range(steps):
            noise = {key: size + rng.gauss(0, size / 7) * 10 ** -rng.randrange(5) for key, size in bounds.items()}
            run.log(step, **noise | ({"broken": rng.choice([math.nan, math.inf, -math.inf])} if step % 9 == 5 else {}))
    for name in ("short", "long"):
        whole = ask(viewer, [name], [*bounds], buckets=100, precision="float64")
        picture = ask(viewer, [name], [*bounds], buckets=100, precision="picture")
        same = picture.head["same"]
        assert not {"run", "key"} & set(picture.table.column_names)
        assert same.keys() == ({"x_last", "last", "max", "mean"} if name == "short" else set())
        for key, place in zip(picture.head["keys"], picture.head["series"], strict=True):
            rows = slice(place[2], place[2] + place[3])
            known = whole.of(name, key)
            span = np.nanmax(known["max"]) - np.nanmin(known["min"])
            found = {
                column: picture.columns[same.get(column, column)][rows] if not isinstance(same.get(column), int)
                else np.full(place[3], same[column])
                for column in known
            }  # fmt: skip
            for column in ("bucket", "x_first", "x_last", "n", "n_nan", "n_posinf", "n_neginf"):
                assert found[column].tolist() == known[column].tolist(), (key, column)
            for column in ("first", "min", "max", "last", "mean"):
                finite = np.isfinite(known[column])
                assert found[column][~finite].astype(str).tolist() == known[column][~finite].astype(str).tolist()
                error = np.abs(found[column][finite] - known[column][finite])
                assert (error <= np.minimum(span or np.inf, np.abs(known[column][finite])) / 2048 * (1 + 1e-4)).all()
            assert (found["min"] <= found["max"])[np.isfinite(known["min"])].all()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"x": "relative"}, [1, 2, 3, 4]),
        ({"x": "wall"}, [1001, 1002, 1003, 1004]),
        ({"x": "epoch"}, [0, 0, 1, 1]),
        ({"x": "step", "log_x": True}, [1, 2, 3, 4]),
        ({"x": "nothing"}, []),
    ],
)
def test_x_is_step_time_or_another_metric(viewer: Any, make_run: Any, more: Any, expected: list[float]) -> None:
    run = make_run("a", created_at=1000.0)
    run.log(0, v=0.0) if more.get("log_x") else None
    for step in range(1, 5):
        run.log(step, v=float(step), epoch=(step - 1) // 2)
    found = ask(viewer, ["a"], ["v"], **more)
    assert found.columns["x_first"].tolist() == expected
    assert found.columns["first"].tolist() == [1, 2, 3, 4][: len(expected)]


def test_a_group_is_the_mean_of_its_runs_with_their_spread(viewer: Any, make_run: Any) -> None:
    for name, model, offset in (("a", "cnn", 0), ("b", "cnn", 10), ("c", "vit", 100)):
        run = make_run(name)
        run.session.write("params", {"model": model})
        for step in range(1000):
            run.log(step, v=float(step + offset))
    found = ask(viewer, ["a", "b", "c"], ["v"], buckets=50, group_by="params.model", precision="float64")
    assert found.head["runs"] is None
    assert found.head["groups"] == [{"name": "cnn", "runs": ["a", "b"]}, {"name": "vit", "runs": ["c"]}]
    cnn, vit = found.of("cnn", "v"), found.of("vit", "v")
    assert set(cnn["n"].tolist()) == {2}
    assert np.allclose(cnn["max"] - cnn["min"], 10)
    assert np.allclose(cnn["std"], math.sqrt(50))
    assert np.allclose(cnn["mean"] + 95, vit["mean"])
    assert np.isnan(vit["std"]).all()


def test_a_tail_goes_on_from_the_bucket_in_which_the_client_stopped(viewer: Any, make_run: Any) -> None:
    run, short = make_run("a"), make_run("s")
    for step in range(5000):
        run.log(step, v=float(step))
    short.log(1, v=1.0)
    body = {"buckets": 200, "precision": "float64"}
    before = ask(viewer, ["a", "s"], ["v"], **body)
    for step in range(5000, 5300):
        run.log(step, v=float(step))
    short.log(2, v=2.0)
    since = {key: before.head[key] for key in ("generation", "width")}
    since["last_x"] = {one["name"]: one["last_x"] for one in before.head["runs"]}
    tail = ask(viewer, ["a", "s"], ["v"], since=since, **body)
    assert (tail.head["complete"], tail.head["width"]) == (False, before.head["width"])
    assert [one["last_x"] for one in tail.head["runs"]] == [5299, 2]
    old, new = before.of("a", "v"), tail.of("a", "v")
    assert new["x_first"][0] == old["x_first"][-1], "the last bucket comes again, whole"
    joined = {name: np.concatenate([old[name][:-1], new[name]]) for name in ("x_first", "n", "mean", "max")}
    assert joined["n"].sum() == 5300
    assert joined["max"].max() == 5299
    assert (joined["mean"] * joined["n"]).sum() == pytest.approx(sum(range(5300)))
    assert tail.of("s", "v")["first"].tolist() == [1.0, 2.0]
    run.session.reopen().open_writer("events").append(b"")  # one more file: the run was resumed
    again = ask(viewer, ["a", "s"], ["v"], since=since, **body)
    assert again.head["complete"] is True


def test_an_unchanged_page_is_not_sent_again(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.log(1, v=1.0)
    body = {"runs": ["a"], "keys": ["v"]}
    first = viewer.post("/api/v2/metrics", json=body)
    held = {"If-None-Match": first.headers["etag"]}
    again = viewer.post("/api/v2/metrics", json=body, headers=held)
    assert (again.status_code, again.content) == (304, b"")
    assert viewer.post("/api/v2/metrics", json=body | {"buckets": 10}, headers=held).status_code == 200
    run.log(2, v=2.0)
    assert viewer.post("/api/v2/metrics", json=body, headers=held).status_code == 200


def test_runs_that_are_gone_and_metrics_that_nobody_has_take_nothing_away(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.log(1, v=1.0)
    found = ask(viewer, ["none", "a", run.ref.folder], ["w", "v"])
    assert found.head["missing"] == ["none"]
    assert [one["name"] for one in found.head["runs"]] == ["a", run.ref.folder]
    assert [span[:2] for span in found.head["series"]] == [[0, 1], [1, 1]]
    assert found.head["y"][0] is None
    nothing = ask(viewer, ["none"], ["v"])
    assert (nothing.table.num_rows, nothing.head["series"]) == (0, [])


def test_a_damaged_run_takes_no_other_curve_away(viewer: Any, make_run: Any) -> None:
    whole, damaged = make_run("whole"), make_run("damaged")
    for run in (whole, damaged):
        run.log(1, v=1.0)
    (viewer.viewer.store.open_run(damaged.ref).folder / "segments.json").write_text("{")
    for more in ({}, {"group_by": "status"}):
        found = ask(viewer, ["damaged", "whole"], ["v"], **more)
        assert list(found.head["unreadable"]) == ["damaged"]
        assert "damaged; put it back from a copy" in found.head["unreadable"]["damaged"]
        assert found.table.num_rows == 1
    alone = viewer.post("/api/v2/metrics", json={"runs": ["damaged"], "keys": ["v"]})
    assert (alone.status_code, alone.json()["code"]) == (503, "storage-error")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"range": [1]}, "range"),
        ({"buckets": 0}, "buckets"),
        ({"group_by": "modle"}, "group_by"),
        ({"group_by": "status,name"}, "group_by"),
        ({"runs": []}, "runs"),
        ({"since": {"generation": "x", "width": 0, "last_x": {}}}, "since.width"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_place(viewer: Any, make_run: Any, body: Any, where: str) -> None:
    make_run("a").log(1, v=1.0)
    answer = viewer.post("/api/v2/metrics", json={"runs": ["a"], "keys": ["v"], **body})
    assert (answer.status_code, answer.json()["where"]) == (400, where)
    refused = viewer.post("/api/v2/metrics", json={"runs": ["a"], "keys": ["v"]}, headers={"Accept": "text/csv"})
    assert refused.status_code == 406


def test_a_large_answer_is_cut_between_metrics_so_that_the_first_ones_can_be_drawn(viewer: Any, make_run: Any) -> None:
    run = make_run("long")
    for step in range(6000):
        run.log(step, **{f"m{metric}": float(step + metric) for metric in range(4)})
    answer = viewer.post("/api/v2/metrics", json={"runs": ["long"], "keys": ["m2", "m0", "m3", "m1"], "buckets": 6000})
    stream = pa.ipc.open_stream(answer.content)
    batches = [batch for batch in stream if batch.num_rows]
    assert [sorted(set(batch["key"].to_pylist())) for batch in batches] == [["m0", "m2"], ["m1", "m3"]]
    whole = Curves(answer.content)
    assert whole.of("long", "m3")["mean"].tolist() == [step + 3.0 for step in range(6000)]
