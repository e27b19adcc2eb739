"""One socket a tab: notices of what changed in lists, curves and logs, and its polling twin."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


def say(socket: ClientConnection, *subscriptions: str, **more: Any) -> dict[str, Any]:
    """Subscribe, and the answer to it."""
    socket.send(json.dumps({"sub": subscriptions, **more}))
    return receive(socket)


def receive(socket: ClientConnection, timeout: float = 60) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(socket.recv(timeout=timeout))
    return message


def until(socket: ClientConnection, wanted: Callable[[dict[str, Any]], bool], timeout: float = 60) -> dict[str, Any]:
    """The first notice that is wanted."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        for notice in receive(socket, max(0.01, deadline - time.monotonic()))["notices"]:
            if wanted(notice):
                return notice  # type: ignore[no-any-return]
    raise TimeoutError


def test_a_socket_tells_new_values_lines_and_states_of_what_was_asked_for(viewer: Any, make_run: Any) -> None:
    run, other = make_run("a"), make_run("b", project="q")
    run.session.write("status", {"status": "running", "started_at": run.started})
    run.log(1, loss=1.0)
    run.line("before")
    with connect(f"{viewer.socket_base}/api/live") as socket:
        first = say(socket, "runs:p", "metrics:a,none", "log:a")
        assert (first["notices"], first["resync"], first["unknown"]) == ([], False, ["none"])
        run.log(2, loss=0.5, acc="NaN")
        notice = until(socket, lambda notice: notice["t"] == "metrics")
        assert {name: notice[name] for name in ("run", "path", "last_step", "metrics", "last")} == {
            "run": "a", "path": "p/n/runs/a", "last_step": 2, "metrics": ["acc", "loss"],
            "last": {"acc": "NaN", "loss": 0.5},
        }  # fmt: skip
        run.line("after")
        notice = until(socket, lambda notice: notice["t"] == "log")
        assert (notice["lines"], [line["text"] for line in notice["tail"]]) == (2, ["before", "after"])
        other.log(1, loss=1.0)
        run.finish()
        notice = until(socket, lambda notice: notice["t"] == "runs")
        assert (notice["project"], [row["status"] for row in notice["changed"]]) == ("p", ["finished"])


def test_a_new_run_is_told_to_whoever_looks_at_its_project(viewer: Any, make_run: Any) -> None:
    make_run("a")
    with connect(f"{viewer.socket_base}/api/live") as all_of_them, connect(f"{viewer.socket_base}/api/live") as one:
        say(all_of_them, "runs:")
        say(one, "runs:q")
        make_run("b")
        make_run("c", project="q")
        notice = until(one, lambda notice: notice["t"] == "runs")
        assert (notice["project"], [row["run"] for row in notice["changed"]], notice["gone"]) == ("q", ["c"], [])
        told = receive(all_of_them)["notices"]
        assert {notice["project"] for notice in told} == {"p", "q"}


def test_a_client_goes_on_where_it_was_and_gets_each_topic_once(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.log(1, v=1.0)
    with connect(f"{viewer.socket_base}/api/live") as socket:
        first = say(socket, "metrics:a")
    for step in range(2, 50):
        run.log(step, v=float(step))
    with connect(f"{viewer.socket_base}/api/live") as socket:
        again = say(socket, "metrics:a", seq=first["seq"], epoch=first["epoch"])
        assert [(notice["t"], notice["last_step"]) for notice in again["notices"]] == [("metrics", 49)]
        assert again["seq"] > first["seq"]
        assert say(socket, "metrics:a", seq=again["seq"], epoch=again["epoch"])["notices"] == []
        assert say(socket, "metrics:a", seq=again["seq"], epoch="of another viewer")["resync"] is True


def test_a_burst_is_told_at_most_four_times_a_second(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.session.write("status", {"status": "running", "started_at": run.started})
    with connect(f"{viewer.socket_base}/api/live") as socket:
        say(socket, "metrics:a")
        began, told = time.monotonic(), 0
        for step in range(3000):
            run.log(step, v=float(step))
        while until_step(socket) < 2999:
            told += 1
        assert told <= 4 * (time.monotonic() - began) + 1


def until_step(socket: ClientConnection) -> int:
    return int(max(notice["last_step"] for notice in receive(socket)["notices"]))


def test_who_asks_again_and_again_hears_the_same(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.log(1, v=1.0)
    first = viewer.get("/api/v2/changes", params={"sub": ["metrics:a", "runs:p"]}).json()
    assert (first["notices"], first["resync"]) == ([], False)
    run.log(2, v=2.0)
    run.finish()
    query = {"sub": ["metrics:a", "runs:p"], "seq": first["seq"], "epoch": first["epoch"]}
    deadline = time.monotonic() + 60
    while {notice["t"] for notice in viewer.get("/api/v2/changes", params=query).json()["notices"]} != {
        "metrics",
        "runs",
    }:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert viewer.get("/api/v2/changes", params={**query, "epoch": "x"}).json()["resync"] is True
    assert viewer.get("/api/v2/changes", params={"sub": "moon"}).status_code == 400


@pytest.mark.parametrize(
    "message", ["no json", "[]", "{}", '{"sub": [1]}', '{"sub": ["moon:a"]}', '{"sub": [], "x": 1}']
)
def test_a_message_that_means_nothing_closes_the_socket_with_a_reason(viewer: Any, message: str) -> None:
    with connect(f"{viewer.socket_base}/api/live") as socket:
        socket.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=60)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4400, "invalid")


def test_a_run_that_is_removed_is_gone_from_the_list(viewer: Any, make_run: Any, store: Any) -> None:
    run = make_run("a")
    make_run("b")
    with connect(f"{viewer.socket_base}/api/live") as socket:
        say(socket, "runs:p", "metrics:a")
        store.soft_delete(run.ref)
        notice = until(socket, lambda notice: notice["t"] == "runs")
        assert [(row["run"], row["deleted"]) for row in notice["changed"]] == [("a", True)]
        store.purge(run.ref)
        notice = until(socket, lambda notice: bool(notice["gone"]))
        assert notice["gone"] == ["p/n/runs/a"]


def test_what_another_page_has_found_is_told_to_all(
    viewer: Any, make_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that subscribes looks at the files too, between two looks for everybody."""
    for name in ("QUIET_S", "ACTIVE_S"):
        monkeypatch.setattr(f"runicorn_viewer_http.v2.changes.{name}", 2.0)
    run = make_run("a")
    with connect(f"{viewer.socket_base}/api/live") as socket, connect(f"{viewer.socket_base}/api/live") as other:
        say(socket, "runs:p")
        say(other, "runs:p")
        run.finish()
        say(other, "runs:p")
        notice = until(socket, lambda notice: notice["t"] == "runs")
        assert [row["status"] for row in notice["changed"]] == ["finished"]
