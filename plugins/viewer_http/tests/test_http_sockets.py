"""Live sockets against a run that is written meanwhile."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


def receive(socket: ClientConnection, kind: str | None = None, timeout: float = 60) -> dict[str, Any]:
    deadline = time.monotonic() + timeout
    while True:
        message: dict[str, Any] = json.loads(socket.recv(timeout=max(0.01, deadline - time.monotonic())))
        if kind is None or message["type"] == kind:
            return message


def drain(socket: ClientConnection) -> None:
    while True:
        socket.recv(timeout=60)


def test_values_arrive_as_they_are_logged_after_the_present_last_step(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.log(7, loss=1.0)
    with connect(f"{viewer.socket_base}/api/metrics/a/ws") as socket:
        first = receive(socket, "metrics")
        assert first == {"type": "metrics", "run": "a", "last_step": 7, "values": {}, "skipped": 0}
        assert receive(socket, "status")["status"] in ("running", "crashed")
        run.log(8, loss=0.5, acc="NaN")
        message = receive(socket, "metrics")
        assert (message["last_step"], message["values"]) == (8, {"loss": 0.5, "acc": "NaN"})


def test_a_half_written_line_arrives_once_it_is_whole(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.log(1, loss=1.0)
    with connect(f"{viewer.socket_base}/api/metrics/a/ws") as socket:
        receive(socket, "metrics")
        with (run.folder / "events-00000001.jsonl").open("ab", buffering=0) as file:
            file.write(b'{"ts":5,"type":"metrics","step":2,"da')
            time.sleep(0.6)
            file.write(b'ta":{"loss":0.5}}\n')
            assert receive(socket, "metrics")["values"] == {"loss": 0.5}


def test_a_burst_is_told_in_few_messages_that_say_what_they_skipped(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    with connect(f"{viewer.socket_base}/api/metrics/a/ws") as socket:
        receive(socket, "metrics")
        began = time.monotonic()
        for step in range(5000):
            run.log(step, v=float(step))
        told = messages = 0
        while True:
            message = receive(socket, "metrics")
            messages += 1
            told += len(message["values"]) + message["skipped"]
            if message["last_step"] == 4999:
                break
        assert message["values"] == {"v": 4999.0}
        assert told == 5000
        assert messages <= 4 * (time.monotonic() - began) + 2


def test_the_status_is_told_when_it_changes(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    with connect(f"{viewer.socket_base}/api/metrics/a/ws") as socket:
        receive(socket, "status")
        run.finish()
        message = receive(socket, "status")
        assert (message["status"], message["ended_at"]) == ("finished", run.started + 60)


def test_a_log_socket_opened_before_the_first_line_gets_it(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    with connect(f"{viewer.socket_base}/api/runs/a/logs/ws") as socket:
        time.sleep(0.6)
        run.line("first")
        message = receive(socket)
        assert (message["n"], message["text"], message["stream"]) == (0, "first", "stdout")


def test_a_log_socket_goes_on_where_the_last_one_stopped(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    for n in range(12_000):
        run.line(str(n))
    with connect(f"{viewer.socket_base}/api/runs/a/logs/ws?from=0", max_queue=None) as socket:
        assert [receive(socket)["n"] for _ in range(12_000)] == list(range(12_000))
    run.line("new")
    with connect(f"{viewer.socket_base}/api/runs/a/logs/ws?from=12000") as socket:
        assert receive(socket)["text"] == "new"
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.6)


@pytest.mark.parametrize(
    ("path", "code", "reason"),
    [
        ("/api/metrics/none/ws", 4404, "run-not-found"),
        ("/api/runs/a/logs/ws?from=x", 4400, "invalid"),
        ("/api/runs/a/logs/ws?form=0", 4400, "parameter-unknown"),
    ],
)
def test_a_socket_that_cannot_be_served_closes_with_the_reason(
    viewer: Any, make_run: Any, path: str, code: int, reason: str
) -> None:
    make_run("a")
    with connect(viewer.socket_base + path) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=60)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (code, reason)


def test_a_run_that_is_removed_closes_its_socket(viewer: Any, make_run: Any, store: Any) -> None:
    run = make_run("a")
    with connect(f"{viewer.socket_base}/api/metrics/a/ws") as socket:
        receive(socket, "status")
        store.soft_delete(run.ref)
        store.purge(run.ref)
        with pytest.raises(ConnectionClosed) as closed:
            drain(socket)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4404
