"""A real storage root, real runs in it, and a viewer that really listens."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from runicorn.contracts import RunWriter, Store
from runicorn.hooks import open_store
from runicorn.model.run import RunMeta
from runicorn.serialize import dumps
from runicorn.types import JSON
from runicorn_viewer_http.app import RunningViewer
from runicorn_viewer_http.asgi.access import Rules
from runicorn_viewer_http.binding import bind
from runicorn_viewer_http.server import serve

MakeRun = Callable[..., "LoggedRun"]


class LoggedRun:
    """A run that a test writes, through the storage contract."""

    def __init__(self, store: Store, run_id: str, project: str, name: str, created_at: float) -> None:
        self.session = store.create_run(RunMeta(run_id, project, name, created_at, hostname="host"))
        self.id, self.ref, self.folder = run_id, self.session.ref, self.session.folder
        self.started = created_at
        self._writers: dict[str, RunWriter] = {}
        self.status("running")

    def status(self, status: str, **more: JSON) -> None:
        self.session.write("status", {"status": status, "started_at": self.started, **more})

    def finish(self, status: str = "finished") -> None:
        self.status(status, ended_at=self.started + 60)

    def log(self, step: int, _stage: str | None = None, **data: JSON) -> None:
        self.log_data(step, data, _stage)

    def log_data(self, step: int, data: dict[str, JSON], stage: str | None = None) -> None:
        record = {"ts": self.started + step, "type": "metrics", "step": step, "data": data}
        self.append(dumps(record | ({"stage": stage} if stage else {})) + b"\n")

    def append(self, line: bytes) -> None:
        if "events" not in self._writers:
            self._writers["events"] = self.session.open_writer("events")
        self._writers["events"].append(line)

    def line(self, text: str, stream: str = "stdout") -> None:
        if "logs" not in self._writers:
            self._writers["logs"] = self.session.open_writer("logs")
        self._writers["logs"].append(f"2026-11-23T15:01:02.123Z {stream} | {text}\n".encode())

    def image(self, key: str, step: int, data: bytes, suffix: str = ".png") -> str:
        path = self.session.put_media(data, suffix)
        fields = {"key": key, "kind": "image", "path": path, "caption": f"at {step}", "width": 4, "height": 3}
        self.append(dumps({"ts": self.started + step, "type": "media", "step": step, "data": fields}) + b"\n")
        return path

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Configuration, state and the default root of this test alone."""
    for name in ("RUNICORN_DIR", "RUNICORN_BACKEND", "RUNICORN_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RUNICORN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


#: How long is waited before an answer is partial, or goes without a plugin; a test about a limit sets its own.
_LIMITS = (
    "runicorn_storage_duckdb.index.following._FIRST_S",
    "runicorn_storage_duckdb.index.index._TURN_S",
    "runicorn_storage_duckdb.index.index._HELD_S",
    "runicorn_viewer_http.asgi.authorize.LIMIT_S",
    "runicorn_viewer_http.asgi.layers.LIMIT_S",
    "runicorn_viewer_http.lifespans.ENTER_S",
    "runicorn_viewer_http.lifespans.LEAVE_S",
    "runicorn_viewer_http.v2.experiments.BUDGET_S",
    "runicorn_viewer_http.v2.fields.BUDGET_S",
    "runicorn_viewer_http.v2.runs.BUDGET_S",
)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _LIMITS:
        monkeypatch.setattr(name, 60.0)


@pytest.fixture
def alone(runicorn_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No other plugin draws, routes or stands around requests."""
    monkeypatch.setenv("RUNICORN_PLUGINS_ONLY", "storage-jsonl,viewer-http")


@pytest.fixture
def plugins(alone: None, plugin_manager: Any) -> Any:
    """Strict: what plugins raise is raised."""
    return plugin_manager


@pytest.fixture
def lenient(alone: None, monkeypatch: pytest.MonkeyPatch, plugin_manager: Any) -> Any:
    """As users run it: what plugins raise is contained."""
    monkeypatch.setenv("RUNICORN_PLUGINS_STRICT", "0")
    return plugin_manager


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


@pytest.fixture
def store(root: Path) -> Iterator[Store]:
    opened = open_store(root)
    yield opened
    opened.close()


@pytest.fixture
def make_run(store: Store) -> Iterator[MakeRun]:
    made: list[LoggedRun] = []

    def make(run_id: str = "r1", project: str = "p", name: str = "n", created_at: float | None = None) -> LoggedRun:
        made.append(LoggedRun(store, run_id, project, name, created_at or time.time() + len(made) / 100))
        return made[-1]

    yield make
    for run in made:
        run.close()


class Served(httpx.Client):
    """A client of a viewer that listens on a port of its own."""

    def __init__(self, port: int, viewer: RunningViewer) -> None:
        super().__init__(base_url=f"http://127.0.0.1:{port}", timeout=60)
        self.port, self.viewer = port, viewer
        self.socket_base = f"ws://127.0.0.1:{port}"


@contextmanager
def served(store: Store, rules: Rules | None = None, settings: Mapping[str, object] | None = None) -> Iterator[Served]:
    """The viewer in a thread of this process."""
    listening = bind("127.0.0.1", 0)
    port = listening.getsockname()[1]
    ready: list[tuple[asyncio.AbstractEventLoop, asyncio.Event, RunningViewer]] = []
    is_ready = threading.Event()

    async def main() -> None:
        viewer, stop = RunningViewer(store, settings), asyncio.Event()
        ready.append((asyncio.get_running_loop(), stop, viewer))
        await serve(listening, viewer, rules or Rules(), stop, is_ready.set)

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    try:
        assert is_ready.wait(60)
        with Served(port, ready[0][2]) as client:
            yield client
    finally:
        if ready:
            ready[0][0].call_soon_threadsafe(ready[0][1].set)
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture
def serve_with(store: Store) -> Iterator[Callable[[Rules], Served]]:
    """Viewers with access rules of their own."""
    with ExitStack() as running:
        yield lambda rules: running.enter_context(served(store, rules))


@pytest.fixture
def serve_while(store: Store) -> Callable[[], AbstractContextManager[Served]]:
    """A viewer that the test itself ends."""
    return lambda: served(store)


@pytest.fixture
def serve_settings(store: Store) -> Callable[[Mapping[str, object]], AbstractContextManager[Served]]:
    """A viewer with settings of its own, that the test itself ends."""
    return lambda settings: served(store, None, settings)


@pytest.fixture
def viewer(store: Store) -> Iterator[Served]:
    with served(store) as client:
        yield client
