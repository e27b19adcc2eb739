"""A viewer that another program starts: its first line, its secret, its socket, and when it ends."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from runicorn.errors import InvalidArgument
from runicorn_viewer_http.binding import address_of, bind_file
from websockets.sync.client import connect

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sockets in the file system")

TOKEN = "only-the-starter-knows"


class Started:
    """The process, what it said first, and a client that has the token."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        self.process = process
        self.said: dict[str, Any] = json.loads(process.stdout.readline())
        transport = httpx.HTTPTransport(uds=self.said.get("sock"))
        base = "http://localhost" if "sock" in self.said else f"http://127.0.0.1:{self.said['port']}"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        self.client = httpx.Client(transport=transport, base_url=base, headers=headers, timeout=60)

    def let_go(self) -> None:
        """Do what the system does for a program that was killed."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def lives(self) -> bool:
        return self.client.get("/api/health").status_code == 200

    def ends(self) -> int:
        return self.process.wait(60)


Start = Callable[..., Started]


@pytest.fixture
def start(root: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[bytes]] = []
    clients: list[httpx.Client] = []

    def begin(*arguments: str) -> Started:
        command = [sys.executable, "-m", "runicorn", "viewer", "--root", str(root), "--token-stdin", *arguments]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        running.append(process)
        assert process.stdin is not None
        process.stdin.write(TOKEN.encode() + b"\n")
        process.stdin.flush()
        started = Started(process)
        clients.append(started.client)
        return started

    yield begin
    for client in clients:
        client.close()
    for process in running:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


def test_the_first_line_says_where_it_listens_and_nobody_sees_the_token(start: Start, root: Path) -> None:
    viewer = start("--bind", "127.0.0.1:0", "--session", "s-1")
    said = viewer.said
    assert (said["ready"], said["pid"], said["session"]) == ("runicorn-viewer", viewer.process.pid, "s-1")
    assert said["root"] == str(root)
    assert viewer.lives()
    assert httpx.get(f"http://127.0.0.1:{said['port']}/api/health", timeout=60).status_code == 401
    command = subprocess.run(["ps", "-ww", "-o", "command=", str(said["pid"])], capture_output=True, text=True).stdout
    assert "s-1" in command
    assert TOKEN not in command


def test_a_socket_in_the_file_system_serves_its_owner_alone_and_goes_with_the_viewer(
    start: Start, tmp_path: Path
) -> None:
    path = tmp_path / "sockets" / "a.sock"
    viewer = start("--bind", f"unix:{path}", "--exit-on-stdin-eof", "--grace", "0")
    assert viewer.said["sock"] == str(path)
    assert viewer.lives()
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    with pytest.raises(InvalidArgument, match="another process listens there"):
        bind_file(path)
    viewer.let_go()
    assert viewer.ends() == 0
    assert not path.exists()


def test_what_a_dead_viewer_left_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    tmp_path.chmod(0o700)
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(path))
    with closing(bind_file(path)) as listening, closing(socket.socket(socket.AF_UNIX)) as asking:
        assert listening.getsockname() == str(path)
        asking.connect(str(path))
    note = tmp_path / "note"
    note.write_text("mine")
    with pytest.raises(InvalidArgument, match="there is a file of that name"):
        bind_file(note)
    assert note.read_text() == "mine"
    tmp_path.chmod(0o777)
    with pytest.raises(InvalidArgument, match="writable by you alone"):
        bind_file(tmp_path / "b.sock")
    with pytest.raises(InvalidArgument, match="longer than"):
        bind_file(tmp_path / ("x" * 200))


@pytest.mark.parametrize("text", ["unix:relative.sock", "localhost", ":80", "localhost:http", "localhost:70000", ""])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument):
        address_of(text)


def test_addresses_with_a_port() -> None:
    assert address_of("127.0.0.1:0") == ("127.0.0.1", 0)
    assert address_of("[::1]:8080") == ("::1", 8080)


def test_it_ends_when_its_starter_has_gone(start: Start) -> None:
    viewer = start("--bind", "127.0.0.1:0", "--exit-on-stdin-eof", "--grace", "0.2")
    assert viewer.lives()
    viewer.let_go()
    assert viewer.ends() == 0


def test_a_starter_that_dies_while_it_starts_leaves_nothing(root: Path) -> None:
    arguments = ["--bind", "127.0.0.1:0", "--token-stdin", "--exit-on-stdin-eof", "--grace", "0"]
    command = [sys.executable, "-m", "runicorn", "viewer", "--root", str(root), *arguments]
    done = subprocess.run(command, input=b"secret\n", capture_output=True, timeout=200)
    assert done.returncode == 0


def test_without_a_token_on_standard_input_it_does_not_start() -> None:
    command = [sys.executable, "-m", "runicorn", "viewer", "--bind", "127.0.0.1:0", "--token-stdin"]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=200)
    assert done.returncode == 2
    assert b"standard input must hold it" in done.stderr


def test_who_takes_hold_within_the_grace_keeps_it_alive_and_then_alone_decides(start: Start) -> None:
    viewer = start("--bind", "127.0.0.1:0", "--exit-on-stdin-eof", "--grace", "4", "--session", "s-2")
    assert viewer.lives()  # what the first request loads is loaded
    viewer.let_go()
    with viewer.client.stream("GET", "/api/hold") as held:
        assert held.status_code == 200
        lines = held.iter_lines()  # the answer is closed with it
        assert json.loads(next(lines))["session"] == "s-2"
        time.sleep(4.5)
        assert viewer.process.poll() is None
        assert viewer.lives()
    assert viewer.ends() == 0


def test_its_holder_ends_it_at_once(start: Start) -> None:
    viewer = start("--bind", "127.0.0.1:0", "--exit-on-stdin-eof", "--grace", "3600")
    with viewer.client.stream("GET", "/api/hold"):
        assert viewer.client.delete("/api/hold").status_code == 204
        assert viewer.ends() == 0


def test_only_who_has_the_token_can_hold_or_end_it_and_an_ordinary_viewer_cannot_be_held(start: Start) -> None:
    viewer = start("--bind", "127.0.0.1:0", "--exit-on-stdin-eof", "--grace", "3600")
    stranger = f"http://127.0.0.1:{viewer.said['port']}/api/hold"
    assert httpx.get(stranger, timeout=60).status_code == 401
    assert httpx.delete(stranger, timeout=60).status_code == 401
    assert viewer.lives()
    ordinary = start("--bind", "127.0.0.1:0")
    assert ordinary.client.get("/api/hold").status_code == 404
    ordinary.let_go()
    assert ordinary.lives()


def test_an_idle_viewer_ends_and_an_open_socket_is_use(start: Start, make_run: Any) -> None:
    make_run("a").log(1, loss=0.5)
    viewer = start("--bind", "127.0.0.1:0", "--exit-when-idle", "4")
    address = f"ws://127.0.0.1:{viewer.said['port']}/api/metrics/a/ws"
    with connect(address, additional_headers={"Authorization": f"Bearer {TOKEN}"}) as values:
        values.recv(timeout=60)
        time.sleep(4.5)
        assert viewer.process.poll() is None
    assert viewer.ends() == 0


def test_a_held_viewer_whose_holder_says_nothing_any_more_ends_although_sockets_are_open(
    start: Start, make_run: Any
) -> None:
    make_run("a").log(1, loss=0.5)
    viewer = start("--bind", "127.0.0.1:0", "--exit-when-idle", "4", "--exit-on-stdin-eof")
    address = f"ws://127.0.0.1:{viewer.said['port']}/api/metrics/a/ws"
    with (
        viewer.client.stream("GET", "/api/hold"),
        connect(address, additional_headers={"Authorization": f"Bearer {TOKEN}"}),
    ):
        assert viewer.ends() == 0
