"""A real viewer process on a real storage root; ``open_page`` of the testing kit looks at it with a real Chromium."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from runicorn.testing.ports import free_port

PROGRAMS = Path(__file__).parent / "programs"


def environment(home: Path) -> dict[str, str]:
    ours = {key: value for key, value in os.environ.items() if not key.startswith("RUNICORN_")}
    return ours | {"RUNICORN_HOME": str(home), "PYTHONUNBUFFERED": "1"}


class ViewerProcess:
    """``runicorn viewer`` as a user starts it; it can be stopped and started again on its port."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root, self.home, self.port = root, home, free_port()
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
        self._process.communicate(timeout=60)

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
        process.communicate(timeout=60)


@pytest.fixture(scope="session")
def browser_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser-home")


@pytest.fixture(scope="session")
def trained_root(tmp_path_factory: pytest.TempPathFactory, browser_home: Path) -> Path:
    """Ten runs: one diverges, one raises; text lines and images among them."""
    root = tmp_path_factory.mktemp("browser") / "root"
    command = [sys.executable, str(PROGRAMS / "train.py"), str(root)]
    subprocess.run(command, check=True, env=environment(browser_home), timeout=200)
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
    subprocess.run(command, check=True, env=environment(browser_home), timeout=200)
    viewer = ViewerProcess(root, browser_home)
    yield viewer
    viewer.stop()


@pytest.fixture(scope="session")
def long(tmp_path_factory: pytest.TempPathFactory, browser_home: Path) -> Iterator[ViewerProcess]:
    """A viewer of one run with 120 000 lines: every 40 000th has the needle, some are longer than a window is wide."""
    root = tmp_path_factory.mktemp("long") / "root"
    subprocess.run(
        [sys.executable, str(PROGRAMS / "long.py"), str(root)], check=True, env=environment(browser_home), timeout=200
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
    subprocess.run(command, check=True, env=environment(browser_home), timeout=200)
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
    subprocess.run(command, check=True, env=environment(browser_home), timeout=200)
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
