"""A real viewer process on a real storage root, looked at with a real Chromium."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

expect.set_options(timeout=20_000)  # other workers of the test run have the cores too
PROGRAMS = Path(__file__).parent / "programs"
LOUD = ("error", "warning")
QUIET = (
    "WebSocket is closed before the connection is established",  # what Chromium says when a page is left early
    "net::ERR_NETWORK_CHANGED",  # somebody made an interface on this machine
)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def environment(home: Path) -> dict[str, str]:
    ours = {key: value for key, value in os.environ.items() if not key.startswith("RUNICORN_")}
    return ours | {"RUNICORN_HOME": str(home), "PYTHONUNBUFFERED": "1"}


class ViewerProcess:
    """``runicorn viewer`` as a user starts it; it can be stopped and started again on its port."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root, self.home, self.port = root, home, 0
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "runicorn", "viewer", "--root", str(self.root), "--no-open"]
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port)], stdout=subprocess.PIPE, text=True, env=environment(self.home)
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                return
        raise AssertionError("the viewer ended before it said where it is")

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running_program(name: str, root: Path, home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A training in a process of its own, ended with the block."""
    command = [sys.executable, str(PROGRAMS / name), str(root), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(home))
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=10)


@pytest.fixture(scope="session")
def browser_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser-home")


@pytest.fixture(scope="session")
def trained_root(tmp_path_factory: pytest.TempPathFactory, browser_home: Path) -> Path:
    """Ten runs: one diverges, one raises; text lines and images among them."""
    root = tmp_path_factory.mktemp("browser") / "root"
    command = [sys.executable, str(PROGRAMS / "train.py"), str(root)]
    subprocess.run(command, check=True, env=environment(browser_home), timeout=60)
    return root


@pytest.fixture(scope="session")
def site(trained_root: Path, browser_home: Path) -> Iterator[ViewerProcess]:
    """The viewer of the ten runs; tests that change runs start one of their own."""
    viewer = ViewerProcess(trained_root, browser_home)
    yield viewer
    viewer.stop()


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory, browser_home: Path) -> Iterator[ViewerProcess]:
    """The viewer of runs whose charts are easily drawn wrong."""
    root = tmp_path_factory.mktemp("odd") / "root"
    command = [sys.executable, str(PROGRAMS / "odd.py"), str(root)]
    subprocess.run(command, check=True, env=environment(browser_home), timeout=60)
    viewer = ViewerProcess(root, browser_home)
    yield viewer
    viewer.stop()


@pytest.fixture(scope="session")
def long(tmp_path_factory: pytest.TempPathFactory, browser_home: Path) -> Iterator[ViewerProcess]:
    """A viewer of one run with 120 000 lines: every 40 000th has the needle, some are longer than a window is wide."""
    root = tmp_path_factory.mktemp("long") / "root"
    subprocess.run(
        [sys.executable, str(PROGRAMS / "long.py"), str(root)], check=True, env=environment(browser_home), timeout=60
    )
    viewer = ViewerProcess(root, browser_home)
    yield viewer
    viewer.stop()


@pytest.fixture
def start_viewer(tmp_path: Path) -> Iterator[Callable[[Path], ViewerProcess]]:
    """Viewers of one test alone."""
    started: list[ViewerProcess] = []

    def start(root: Path) -> ViewerProcess:
        started.append(ViewerProcess(root, tmp_path / "viewer-home"))
        return started[-1]

    yield start
    for viewer in started:
        viewer.stop()


@pytest.fixture(scope="session")
def plain_root(tmp_path_factory: pytest.TempPathFactory, browser_home: Path) -> Path:
    """Runs whose values follow from their number; two folders with one id."""
    root = tmp_path_factory.mktemp("plain") / "root"
    command = [sys.executable, str(PROGRAMS / "plain.py"), str(root)]
    subprocess.run(command, check=True, env=environment(browser_home), timeout=60)
    return root


@pytest.fixture(scope="session")
def plain(plain_root: Path, browser_home: Path) -> Iterator[ViewerProcess]:
    viewer = ViewerProcess(plain_root, browser_home)
    yield viewer
    viewer.stop()


@pytest.fixture(scope="session")
def several_root(tmp_path_factory: pytest.TempPathFactory, browser_home: Path) -> Path:
    """Three projects with runs that broke, and one run that is much longer than the others."""
    root = tmp_path_factory.mktemp("several") / "root"
    command = [sys.executable, str(PROGRAMS / "several.py"), str(root)]
    subprocess.run(command, check=True, env=environment(browser_home), timeout=60)
    return root


@pytest.fixture(scope="session")
def several(several_root: Path, browser_home: Path) -> Iterator[ViewerProcess]:
    viewer = ViewerProcess(several_root, browser_home)
    yield viewer
    viewer.stop()


@pytest.fixture
def own(plain_root: Path, tmp_path: Path, start_viewer: Callable[[Path], ViewerProcess]) -> ViewerProcess:
    """The viewer of a copy of those: what is arranged in it is kept beside the runs."""
    return start_viewer(Path(shutil.copytree(plain_root, tmp_path / "own")))


@pytest.fixture
def train_live(tmp_path: Path) -> Iterator[Callable[[Path], subprocess.Popen[str]]]:
    """A run that goes on logging until the test ends."""
    blocks = []

    def train(root: Path) -> subprocess.Popen[str]:
        block = running_program("live.py", root, tmp_path / "live-home")
        blocks.append(block)
        process = block.__enter__()
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        return process

    yield train
    for block in blocks:
        block.__exit__(None, None, None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a module: Playwright's loop may not outlive it, other tests run loops of their own."""
    # The same engine without the browser around it, which takes a third of the CPU for each page.
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        hint = "needs Chromium: apt-get install --no-install-recommends chromium fonts-noto-cjk"
        pytest.skip(hint)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Pages that must neither log an error nor leave their origin; ``@pytest.mark.disturbed`` allows the first."""
    complaints: list[str] = []
    contexts = []

    def open_page(url: str, **options: object) -> Page:
        defaults: dict[str, object] = {"viewport": {"width": 1280, "height": 800}, "locale": "en-US"}
        context = chromium.new_context(**(defaults | options))  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        origin = urlsplit(url).netloc
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda m: complaints.append(f"console: {m.text}") if complains(m) else None)
        page.on("request", lambda r: complaints.append(f"left: {r.url}") if foreign(r.url, origin) else None)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        with suppress(Exception):
            context.close()
    disturbed = request.node.get_closest_marker("disturbed") is not None
    kept = [text for text in complaints if not (disturbed and text.startswith("console: "))]
    assert kept == []


def complains(message: ConsoleMessage) -> bool:
    return message.type in LOUD and not any(text in message.text for text in QUIET)


def foreign(url: str, origin: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != origin


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "disturbed: the browser itself reports failed requests in this test")
