"""The command itself: ports, the printed line, and its end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from runicorn_viewer_http.settings import DEFAULT_PORT
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

Start = Callable[..., tuple["subprocess.Popen[str]", str]]


@pytest.fixture
def start(root: Path) -> Iterator[Start]:
    """Start ``runicorn viewer`` and return the process and the address that it printed."""
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-m", "runicorn", "viewer", "--root", str(root), *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        running.append(process)
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None, process.stdout.read()
        return process, found[0]

    yield begin
    for process in running:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def fails(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "runicorn", "viewer", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    return done.returncode, done.stderr


def test_a_taken_default_port_gives_the_next_free_one(start: Start) -> None:
    _, first = start()
    _, second = start()
    ports = [int(address.rpartition(":")[2]) for address in (first, second)]
    assert ports[0] != ports[1]  # whoever else has had one of them may have let it go meanwhile
    assert min(ports) >= DEFAULT_PORT
    for address in (first, second):
        assert httpx.get(f"{address}/api/health", timeout=60).json()["storage"]["runs"] == 0


def test_a_taken_port_that_was_asked_for_is_an_error_in_one_sentence(start: Start) -> None:
    _, address = start("--port", "0")
    port = address.rpartition(":")[2]
    code, said = fails("--port", port)
    assert code == 2
    assert f"port={port} cannot be used on 127.0.0.1" in said
    assert len(said.strip().splitlines()) == 1


def test_a_foreign_address_is_an_error_in_one_sentence() -> None:
    code, said = fails("--host", "192.0.2.1", "--port", "0")
    assert code == 2
    assert "192.0.2.1" in said
    assert "Traceback" not in said


def test_beyond_loopback_a_token_is_made_and_printed(start: Start) -> None:
    _, address = start("--host", "0.0.0.0", "--port", "0")
    base, _, token = address.partition("/?token=")
    assert len(token) >= 32
    assert httpx.get(f"{base}/api/health", timeout=60).status_code == 401
    assert httpx.get(f"{base}/api/health", headers={"Authorization": f"Bearer {token}"}, timeout=60).status_code == 200


def test_a_token_can_be_asked_for_on_loopback(start: Start) -> None:
    _, made = start("--port", "0", "--token")
    assert "/?token=" in made
    _, given = start("--port", "0", "--token", "mine")
    assert given.endswith("/?token=mine")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_ends_it_with_sockets_open_and_a_long_answer_under_way(
    start: Start, make_run: Any, number: signal.Signals
) -> None:
    run = make_run("a")
    line = b"".join(b'{"ts":1.5,"type":"metrics","step":%d,"data":{"v":0.25}}\n' % step for step in range(200_000))
    (run.folder / "events-00000001.jsonl").write_bytes(line)
    process, address = start("--port", "0")
    base = address.replace("http", "ws")
    with (
        connect(f"{base}/api/runs/a/logs/ws") as logs,
        connect(f"{base}/api/metrics/a/ws") as values,
        closing(socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])))) as slow,
    ):
        values.recv(timeout=60)
        slow.sendall(b"GET /api/metrics/a HTTP/1.1\r\nHost: localhost\r\n\r\n")
        slow.recv(100)  # the answer has begun, and is not read any further
        process.send_signal(number)
        assert process.wait(60) == 0  # for a client that reads nothing it would wait for ever
        with pytest.raises(ConnectionClosed):
            logs.recv(timeout=60)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_idle_viewer_says_one_line_and_nothing_at_its_end(start: Start) -> None:
    process, address = start("--port", "0")
    with httpx.Client(base_url=address, timeout=60) as client:  # a connection that is kept alive
        client.get("/api/health")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert process.stdout is not None
    assert process.stdout.read() == ""


def test_no_browser_is_opened_where_there_is_no_display(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BROWSER", f"{sys.executable} -c 'raise SystemExit' %s")
    process, address = start("--port", "0", "--open")
    assert httpx.get(f"{address}/api/health", timeout=60).status_code == 200
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(60) == 0
