"""System metrics and alerts of a run over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from runicorn.serialize import dumps


def measure(run: Any, *samples: tuple[float, dict[str, Any]], host: str = "gpu3") -> None:
    writer = run.session.open_writer("system")
    for ts, data in samples:
        writer.append(dumps({"ts": ts, "type": "system", "host": host, "data": data}) + b"\n")
    writer.close()


def test_each_name_of_each_host_is_a_series_with_its_unit(viewer: Any, make_run: Any) -> None:
    run = make_run("a", created_at=1000.0)
    measure(run, (1001.0, {"gpu/0/temp_c": 40, "cpu/util_percent": 3.5}), (1006.0, {"gpu/0/temp_c": "NaN"}))
    measure(run, (1002.0, {"cpu/util_percent": 99}), host="gpu4")
    answer = viewer.get("/api/runs/a/system").json()
    assert (answer["started_at"], answer["hosts"]) == (1000.0, ["gpu3", "gpu4"])
    assert [(s["key"], s["host"], s["unit"], s["time"], s["mean"]) for s in answer["series"]] == [
        ("cpu/util_percent", "gpu3", "%", [1001.0], [3.5]),
        ("cpu/util_percent", "gpu4", "%", [1002.0], [99.0]),
        ("gpu/0/temp_c", "gpu3", "°C", [1001.0, 1006.0], [40.0, "NaN"]),
    ]


def test_many_samples_become_spans_that_lose_no_extreme(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    values = [float(n % 10) for n in range(1000)]
    values[777] = 500.0
    measure(run, *((100.0 + n, {"x_count": value}) for n, value in enumerate(values)))
    (series,) = viewer.get("/api/runs/a/system", params={"buckets": 20}).json()["series"]
    assert series["n"] == 1000
    assert len(series["time"]) == len(series["mean"]) == len(series["min"]) == len(series["max"]) == 20
    assert (max(series["max"]), min(series["min"]), series["last"]) == (500.0, 0.0, 9.0)
    assert series["time"] == sorted(series["time"])
    assert sum(series["mean"]) / 20 == pytest.approx(sum(values) / 1000)


def test_a_range_and_names_can_be_chosen(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    measure(run, *((100.0 + n, {"x_count": n, "y_count": n}) for n in range(10)))
    answer = viewer.get("/api/runs/a/system", params={"keys": "y_count", "from": 103, "to": 105}).json()
    assert [(s["key"], s["mean"]) for s in answer["series"]] == [("y_count", [3.0, 4.0, 5.0])]
    assert viewer.get("/api/runs/a/system", params={"from": 200}).json()["series"] == []


def test_what_has_not_changed_is_not_sent_again(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    assert viewer.get("/api/runs/a/system").json()["series"] == []
    measure(run, (1.0, {"x_count": 1}))
    first = viewer.get("/api/runs/a/system")
    assert len(first.json()["series"]) == 1
    again = viewer.get("/api/runs/a/system", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    run.log(1, loss=0.5)
    assert viewer.get("/api/runs/a/system", headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_a_run_that_is_not_there_is_not_found(viewer: Any) -> None:
    assert viewer.get("/api/runs/nowhere/system").status_code == 404


def test_alerts_of_a_run_come_oldest_first(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    assert viewer.get("/api/runs/a/alerts").json() == []
    for ts, title in ((2.0, "second"), (1.0, "first")):
        data = {"title": title, "text": "t", "level": "error", "rule": "nan"}
        run.append(dumps({"ts": ts, "type": "alert", "step": 7, "data": data}) + b"\n")
    run.append(b'{"ts":3.0,"type":"alert","data":{}}\n')
    rows = viewer.get("/api/runs/a/alerts").json()
    assert [(row["time"], row["title"], row["step"]) for row in rows] == [
        (1.0, "first", 7),
        (2.0, "second", 7),
        (3.0, "", None),
    ]
    assert rows[0] == {"time": 1.0, "step": 7, "level": "error", "title": "first", "text": "t", "rule": "nan"}
