"""Viewers on another machine, through a real SSH server: started, looked at, lost, found again, and ended."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from runicorn.errors import Problem
from runicorn_remote_ssh import reaching
from runicorn_remote_ssh.known_hosts import KnownHosts
from runicorn_remote_ssh.pool import SSHConnectionPool
from runicorn_remote_ssh.prompts import NoPrompts
from runicorn_remote_ssh.viewer import asking, manager, registry, there
from runicorn_remote_ssh.viewer.command import parse
from runicorn_remote_ssh.viewer.line import SSHLine
from runicorn_remote_ssh.viewer.manager import Options, RemoteViewerManager
from runicorn_remote_ssh.viewer.session import ViewerSession
from websockets.asyncio.client import connect

from .conftest import Sshd

TRAIN = """
import sys, runicorn as rn
with rn.init("far", "away", run_id="live", storage=sys.argv[1], capture_env=False) as run:
    for line in sys.stdin:
        run.log({"loss": float(line)})
        print("logged", flush=True)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "runs 目录"
    folder.mkdir()
    return folder


class Training:
    """A run that grows on the other machine when it is told to."""

    def __init__(self, root: Path) -> None:
        command = [sys.executable, "-c", TRAIN, str(root)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def log(self, value: float) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{value}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "logged\n"

    def end(self) -> None:
        assert self.process.stdout is not None
        self.process.communicate(timeout=60)


@pytest.fixture
def training(root: Path) -> Iterator[Training]:
    running = Training(root)
    yield running
    running.end()


class Far:
    """This machine once more, at the other end of a line."""

    def __init__(self, sshd: Sshd, line: SSHLine, manager: RemoteViewerManager, root: Path) -> None:
        self.sshd, self.line, self.manager, self.root = sshd, line, manager, root

    async def start(self, **more: Any) -> ViewerSession:
        return await self.manager.start(self.line, str(self.root), **{"python": sys.executable, **more})


Use = Callable[[Far], Awaitable[None]]


@pytest.fixture
def with_far(sshd: Sshd, known_hosts: KnownHosts, root: Path) -> Callable[..., None]:
    sshd.trust(known_hosts)

    @asynccontextmanager
    async def far(options: Options) -> AsyncIterator[Far]:
        pool = SSHConnectionPool(known_hosts, files=[])
        manager = RemoteViewerManager(options)
        try:
            line = SSHLine(await pool.connect(sshd.config(), prompts=NoPrompts()))
            yield Far(sshd, line, manager, root)
        finally:
            await manager.close()
            await pool.close_all()

    def run(use: Use, options: Options | None = None) -> None:
        async def main() -> None:
            async with asyncio.timeout(200), far(options or Options()) as there_is:
                await use(there_is)

        asyncio.run(main())

    return run


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return (
        Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z" if Path("/proc").exists() else True
    )


def gone(pid: int, seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while lives(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not lives(pid)


async def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


def pid_of(session: ViewerSession) -> int:
    assert session.viewer is not None
    return session.viewer.pid


def test_values_logged_over_there_are_seen_here_while_they_are_logged(
    with_far: Callable[..., None], training: Training
) -> None:
    training.log(0.5)

    async def use(far: Far) -> None:
        session = await far.start()
        assert [step.state for step in session.progress.steps] == ["done"] * 3
        async with httpx.AsyncClient(base_url=session.tunnel.url, timeout=60) as client:
            rows = (await client.get("/api/metrics/live")).json()
            assert rows["rows"][0][rows["columns"].index("loss")] == 0.5
            async with connect(session.tunnel.url.replace("http", "ws") + "/api/metrics/live/ws") as values:
                assert json.loads(await values.recv())["last_step"] is not None
                for value in (0.25, 0.125):
                    await asyncio.to_thread(training.log, value)
                    while json.loads(await values.recv()).get("values", {}).get("loss") != value:
                        pass
            page = await client.get("/runs/live", headers={"Accept": "text/html"})
            assert "<title>" in page.text

    with_far(use)


def test_nothing_over_there_shows_the_token_and_the_port_there_asks_for_it(with_far: Callable[..., None]) -> None:
    async def use(far: Far) -> None:
        session = await far.start()
        viewer = session.viewer
        assert viewer is not None
        command = Path(f"/proc/{viewer.pid}/cmdline").read_bytes()
        environment = Path(f"/proc/{viewer.pid}/environ").read_bytes()
        assert session.id.encode() in command
        assert viewer.wanted.token.encode() not in command + environment
        async with httpx.AsyncClient(timeout=60) as client:
            assert (await client.get(f"http://127.0.0.1:{viewer.port}/api/health")).status_code == 401

    with_far(use)


def test_after_a_server_that_was_killed_and_came_back_the_same_viewer_is_at_the_same_address(
    with_far: Callable[..., None],
) -> None:
    async def use(far: Far) -> None:
        session = await far.start()
        url, pid = session.tunnel.url, pid_of(session)
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            assert (await client.get("/api/health")).status_code == 200
            await asyncio.to_thread(far.sshd.stop)
            await until(lambda: session.state == "reconnecting")
            out = await client.get("/api/health")
            assert (out.status_code, out.json()["code"]) == (503, "remote-unavailable")
            await asyncio.to_thread(far.sshd.start)
            await until(lambda: session.state == "up")
            assert (await client.get("/api/health")).status_code == 200
        assert (session.tunnel.url, pid_of(session)) == (url, pid)
        assert any("returned to the viewer" in entry.text for entry in session.progress.log)
        await far.manager.stop(session.id)
        assert not lives(pid)

    with_far(use, Options(grace_s=60))


class Network:
    """A way to a port that can be cut without a word: what is under way stays there, and nobody is told."""

    def __init__(self, port: int) -> None:
        self._target, self._era, self._cut = port, 0, False
        self._ways: list[asyncio.StreamWriter] = []

    async def listen(self) -> int:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        self._server.close()
        for way in self._ways:
            way.transport.abort()
        await asyncio.sleep(0)

    def cut(self) -> None:
        self._cut, self._era = True, self._era + 1

    def mend(self) -> None:
        """For whoever comes now; what was open before stays where it is."""
        self._cut = False

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        era = self._era
        self._ways.append(writer)
        while self._cut:
            await asyncio.sleep(0.02)
        if era != self._era:
            return
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._ways.append(there_writer)
        await asyncio.gather(self._carry(reader, there_writer, era), self._carry(there_reader, writer, era))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, era: int) -> None:
        try:
            while data := await reader.read(65536):
                if era != self._era:
                    await asyncio.Event().wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        if era == self._era:
            writer.close()


def test_a_network_that_was_cut_without_a_word_leads_back_to_the_same_viewer(
    sshd: Sshd, known_hosts: KnownHosts, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        ordinary = reaching.KEEPALIVE_S
        network = Network(sshd.port)
        port = await network.listen()
        sshd.trust(known_hosts, port)
        pool = SSHConnectionPool(known_hosts, files=[])
        manager = RemoteViewerManager()
        try:
            monkeypatch.setattr(reaching, "KEEPALIVE_S", 0.5)  # short only until it is lost: see Patience
            line = SSHLine(await pool.connect(sshd.config(port=port), prompts=NoPrompts()))
            session = await manager.start(line, str(root), python=sys.executable)
            url, pid = session.tunnel.url, pid_of(session)
            network.cut()
            await until(lambda: session.state == "reconnecting")
            assert lives(pid)
            monkeypatch.setattr(reaching, "KEEPALIVE_S", ordinary)
            network.mend()
            await until(lambda: session.state == "up")
            async with httpx.AsyncClient(base_url=url, timeout=60) as client:
                assert (await client.get("/api/health")).status_code == 200
            assert (session.tunnel.url, pid_of(session)) == (url, pid)
            await manager.stop(session.id)
            assert not lives(pid)
        finally:
            await manager.close()
            await pool.close_all()
            await network.close()

    asyncio.run(asyncio.wait_for(main(), 200))


def test_a_viewer_that_died_while_the_line_was_down_is_replaced(with_far: Callable[..., None]) -> None:
    async def use(far: Far) -> None:
        session = await far.start()
        url, pid = session.tunnel.url, pid_of(session)
        await asyncio.to_thread(far.sshd.stop)
        assert await asyncio.to_thread(gone, pid)
        await asyncio.to_thread(far.sshd.start)
        await until(lambda: session.state == "up" and pid_of(session) != pid)
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            assert (await client.get("/api/health")).status_code == 200

    with_far(use, Options(grace_s=0))


def test_a_viewer_that_is_killed_over_there_is_replaced_at_the_same_address(with_far: Callable[..., None]) -> None:
    async def use(far: Far) -> None:
        session = await far.start()
        url, pid = session.tunnel.url, pid_of(session)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: session.state == "up" and pid_of(session) != pid)
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            assert (await client.get("/api/health")).status_code == 200

    with_far(use)


def test_where_the_server_forwards_no_ports_that_is_said_and_nothing_is_left_there(
    sshd: Sshd, with_far: Callable[..., None]
) -> None:
    sshd.stop()
    sshd.extra.append("AllowTcpForwarding no")
    sshd.start()

    async def use(far: Far) -> None:
        with pytest.raises(Problem, match="forwards no ports") as refused:
            await far.start()
        assert refused.value.code == "forwarding-forbidden"
        (session,) = far.manager.sessions
        assert gone(pid_of(session))

    with_far(use)


def test_asked_twice_for_the_same_there_is_one_viewer(with_far: Callable[..., None]) -> None:
    async def use(far: Far) -> None:
        session = await far.start()
        assert await far.start() is session
        with pytest.raises(Problem) as raised:
            far.manager.session("none")
        assert raised.value.status == 404

    with_far(use)


def test_a_folder_that_is_not_there_and_a_port_that_is_taken_start_nothing(
    with_far: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def use(far: Far) -> None:
        with closing(socket.socket()) as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with pytest.raises(Problem, match="is taken") as raised:
                await far.start(local_port=taken.getsockname()[1])
            assert raised.value.code == "port-taken"
        with pytest.raises(Problem, match="has no folder") as raised:
            await far.manager.start(far.line, "~/no such folder", python=sys.executable)
        assert raised.value.code == "root-missing"
        failed = far.manager.sessions[-1]
        assert (failed.state, failed.viewer) == ("failed", None)
        monkeypatch.setattr(manager, "_FAILED_MOST", 2)
        for number in range(3):
            with pytest.raises(Problem, match="has no folder"):
                await far.manager.start(far.line, f"~/nothing {number}", python=sys.executable)
        assert [one.asked.root for one in far.manager.sessions] == ["~/nothing 1", "~/nothing 2"]

    with_far(use)


def test_a_python_that_is_not_there_or_has_no_runicorn_is_said_in_a_sentence(with_far: Callable[..., None]) -> None:
    async def use(far: Far) -> None:
        with pytest.raises(Problem, match="there is no /no/python on"):
            await far.start(python="/no/python")
        bare = Path(sys.base_prefix) / "bin" / "python3"
        with pytest.raises(Problem, match="has no Runicorn"):
            await far.start(python=str(bare))

    with_far(use)


#: What Runicorn 0.7.2 says to a command of ours: as it was printed over there by the one of the package index.
OLDER = """#!/bin/sh
echo "usage: runicorn [-h] [--version]" >&2
echo "                {viewer,config,export,import,export-data,manage,rate-limit,delete}" >&2
shift 3
echo "runicorn: error: unrecognized arguments: $*" >&2
exit 2
"""


def test_an_older_runicorn_that_was_named_is_told_so(with_far: Callable[..., None], tmp_path: Path) -> None:
    older = tmp_path / "python of 0.7"
    older.write_text(OLDER)
    older.chmod(0o755)

    async def use(far: Far) -> None:
        with pytest.raises(Problem, match="too old to be started from here") as refused:
            await far.start(python=str(older))
        assert refused.value.code == "runicorn-too-old"

    with_far(use)


#: A viewer whose first answer about its health never comes: its disk is slow.
SLOW = """#!{python}
import json, os, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
asked = []
class Viewer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = json.dumps(dict(session=sys.argv[-1])).encode()
        asked.append(self.path)
        if self.path == "/api/health" and asked.count(self.path) == 1:
            threading.Event().wait()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + (self.path == "/api/hold")))
        self.end_headers()
        self.wfile.write(body)
        if self.path == "/api/hold":
            self.wfile.flush()
            threading.Event().wait()
    def log_message(self, *_): pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Viewer)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
said = dict(ready="runicorn-viewer", pid=os.getpid(), port=server.server_port, version="9", root="/runs")
print(json.dumps(said), flush=True)
server.serve_forever()
"""


def test_a_viewer_that_reads_many_runs_before_it_says_how_it_is_is_waited_for(
    with_far: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "slow python"
    slow.write_text(SLOW.replace("{python}", sys.executable))
    slow.chmod(0o755)
    take = asking.Hold.take

    async def held(line: Any, viewer: Any) -> asking.Hold:
        """Not the answer that is waited for here, and a busy machine gives it late."""
        with monkeypatch.context() as patched:
            patched.setattr(asking, "LIMIT_S", 60.0)
            return await take(line, viewer)

    monkeypatch.setattr(asking, "LIMIT_S", 0.5)
    monkeypatch.setattr(asking.Hold, "take", staticmethod(held))

    async def use(far: Far) -> None:
        session = await far.start(python=str(slow))
        assert session.state == "up"

    with_far(use)


@pytest.mark.parametrize(
    ("target", "user", "host", "root"),
    [
        ("box", None, "box", ""),
        ("ssh://box/", None, "box", ""),
        ("ada@[fe80::1%eth0]:runs", "ada", "fe80::1%eth0", "runs"),
        ("ada@corp@box:~/a@b: c", "ada@corp", "box", "~/a@b: c"),
        ("ssh://ada@[::1]:2222/data/r%20s", "ada", "::1", "/data/r s"),
    ],
)
def test_a_place_is_named_as_for_scp_or_by_an_address(target: str, user: str | None, host: str, root: str) -> None:
    config, there_is = parse(target)
    assert (config.username, config.host, there_is) == (user, host, root)


def test_what_the_user_stops_ends_over_there_and_nothing_else_does(with_far: Callable[..., None]) -> None:
    async def use(far: Far) -> None:
        session = await far.start()
        pid = pid_of(session)
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "viewer", "--session", "other"])
        try:
            for victim, wanted in ((other.pid, b"foreign"), (2**22 + 1, b"gone")):
                script = there.shell_script("end_viewer", "mark", str(victim), session.id)
                done = await far.line.run(["sh", "-s"], input=script, timeout_s=30)
                assert wanted in done.stdout
            assert other.poll() is None
            await far.manager.stop(session.id)
            assert not lives(pid)
            assert other.poll() is None
        finally:
            other.kill()
            other.wait()
        assert far.manager.sessions == ()

    with_far(use)


def test_a_viewer_that_does_not_listen_to_reason_is_killed(with_far: Callable[..., None]) -> None:
    async def use(far: Far) -> None:
        session = await far.start()
        pid = pid_of(session)
        os.kill(pid, signal.SIGSTOP)
        await far.manager.stop(session.id)
        assert not lives(pid)

    with_far(use)


def test_another_process_of_the_user_sees_a_session_and_can_end_it(with_far: Callable[..., None]) -> None:
    async def use(far: Far) -> None:
        session = await far.start()
        (known,) = await asyncio.to_thread(lambda: list(registry.known_sessions()))
        assert (known.id, known.url, known.state) == (session.id, session.tunnel.url, "up")
        async with httpx.AsyncClient(base_url=known.url, timeout=60) as client:
            stranger = await client.delete(registry.CONTROL_PATH, headers={"Authorization": "Bearer guess"})
            assert stranger.status_code == 404
        assert await asyncio.to_thread(registry.stop, known)
        await session.over()
        assert session.state == "stopped"
        assert await asyncio.to_thread(lambda: list(registry.known_sessions())) == []

    with_far(use)


def test_a_session_whose_process_is_busy_is_listed_and_one_that_is_gone_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "_ANSWER_S", 0.2)
    with closing(socket.socket()) as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        url = f"http://127.0.0.1:{busy.getsockname()[1]}"
        known = registry.Known("busy", "box", "/runs", url, os.getpid(), 1.0, "secret")
        registry.announce(known)
        assert list(registry.known_sessions()) == [known]
        assert not registry.stop(known)
    assert list(registry.known_sessions()) == []


class Opened:
    """``runicorn remote open`` in a process of its own."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.home = home
        environment = {**os.environ, "HOME": str(home), "RUNICORN_HOME": str(home / "runicorn"), "SSH_AUTH_SOCK": ""}
        command = [sys.executable, "-m", "runicorn", *arguments, "--no-open"]
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        self.url = said.rpartition(" ")[2].strip()
        assert self.url.startswith("http://127.0.0.1:"), (said, self.process.communicate()[1])

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def opened(sshd: Sshd, root: Path, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """With an alias in the user's OpenSSH configuration."""
    home = tmp_path / "client home"
    (home / ".ssh").mkdir(parents=True)
    sshd.trust(KnownHosts(home / ".ssh" / "known_hosts"))
    lines = ["Host far", "Hostname 127.0.0.1", f"Port {sshd.port}", f"User {sshd.user}", f"IdentityFile {sshd.key}"]
    (home / ".ssh" / "config").write_text("\n".join(lines) + "\n")
    running: list[Opened] = []

    (tmp_path / ".venv").symlink_to(sys.prefix)  # beside the root: what is found over there

    def start(*command: str) -> Opened:
        running.append(Opened(home, *(command or ("remote", "open")), f"ssh://far{root}"))
        return running[-1]

    yield start
    for one in running:
        one.close()


def viewers(session: str) -> list[int]:
    """Processes of viewers that were started for a session; not those that they start, as long as those look alike."""
    command = ["pgrep", "-f", f"runicorn viewer.*--session {session}"]
    found = {int(pid) for pid in subprocess.run(command, capture_output=True, text=True).stdout.split()}
    return [pid for pid in found if not found & {parent_of(pid)}]


def parent_of(pid: int) -> int:
    told = subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, text=True).stdout
    return int(told or 0)


def session_of(opened: Opened) -> registry.Known:
    (file,) = (opened.home / "runicorn").rglob("remote-sessions/*.json")
    return registry.Known(**json.loads(file.read_text()))


def test_a_client_that_is_killed_leaves_nothing_over_there(opened: Callable[..., Opened]) -> None:
    client = opened()
    assert httpx.get(f"{client.url}/api/health", timeout=60).json()["storage"]["runs"] == 0
    (pid,) = viewers(session_of(client).id)
    client.process.kill()
    assert gone(pid)


def test_a_client_that_is_killed_after_it_came_back_leaves_nothing_over_there(
    opened: Callable[..., Opened], sshd: Sshd
) -> None:
    client = opened()
    session = session_of(client).id
    (pid,) = viewers(session)
    sshd.stop()
    sshd.start()
    assert client.process.stderr is not None
    while "up" not in (line := client.process.stderr.readline()):
        assert line
    while "up" not in (line := client.process.stderr.readline()):
        assert line, "it did not come back"
    client.process.kill()
    for left in {pid, *viewers(session)}:
        assert gone(left)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_the_end_of_the_command_ends_the_viewer_over_there(
    opened: Callable[..., Opened], number: signal.Signals
) -> None:
    client = opened()
    known = session_of(client)
    (pid,) = viewers(known.id)
    client.process.send_signal(number)
    assert client.process.wait(60) == 0
    assert not lives(pid)
    with pytest.raises(httpx.ConnectError):
        httpx.get(client.url)


def test_runicorn_viewer_takes_the_address_of_another_machine(opened: Callable[..., Opened]) -> None:
    client = opened("viewer")
    assert httpx.get(f"{client.url}/api/health", timeout=60).json()["storage"]["runs"] == 0
    client.process.terminate()
    assert client.process.wait(60) == 0
