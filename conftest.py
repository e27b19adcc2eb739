"""What every test of this repository gets: a home of its own, strict plugins, no skips where all must run; and
``root`` and ``script`` for those that record runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from math import inf
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

pytest_plugins = ["runicorn.testing.pytest_plugin", "runicorn.testing.browser_plugin"]

#: Set by ``.ci/run``: everything that a test needs is installed, so a skip is a failure.
_RUN_ALL = os.environ.get("RUNICORN_TEST_ALL") == "1"
_MOST_WORKERS = 8  # each may drive a browser
_MORE_WORKERS = 1  # than cores: tests wait for processes, sockets and disks for a third of their time
#: Files that take long, first: the short ones fill the time of the others at the end. Of these folders in turn: some
#: compute, some wait, and together they do both at once.
_LONG = (
    "plugins/viewer_http/tests/browser/",
    "plugins/remote_ssh/tests/",
    "tests/third_party/",
    "plugins/storage_duckdb/tests/",
    "tests/e2e/",
    "tests/faults/",
)

for _name in [name for name in os.environ if name.startswith("RUNICORN_")]:
    del os.environ[_name]  # nothing that a developer has configured reaches a test
# Hundreds of processes import the same modules: the first one compiles them, whatever is usual on this machine.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell did so that runs this in its background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # and programs under test would not hear Ctrl+C either

Script = Callable[..., "subprocess.CompletedProcess[str]"]

#: What plugins have a few seconds for takes longer on a loaded machine; a test about a limit sets its own.
_LIMITS = ("runicorn.hooks.environment.LIMIT_S", "runicorn.hooks.checks.LIMIT_S", "runicorn.hooks.samplers.LATE_S")

settings.register_profile("here", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores + _MORE_WORKERS, _MOST_WORKERS)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["run_all"] = _RUN_ALL  # the variable is gone before a worker starts


def pytest_configure(config: pytest.Config) -> None:
    global _RUN_ALL
    _RUN_ALL = getattr(config, "workerinput", {}).get("run_all", _RUN_ALL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    turns: dict[str, float] = {}  # file -> its number in its folder
    for file in dict.fromkeys(_file(item) for item in items):
        folder = next((folder for folder in _LONG if file.startswith(folder)), None)
        turns[file] = inf if folder is None else sum(other.startswith(folder) for other in turns)
    items.sort(key=lambda item: turns[_file(item)])


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if _RUN_ALL and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} may not be skipped under RUNICORN_TEST_ALL=1: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.fixture(scope="session", autouse=True)
def _session_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fixtures of a wider scope than one test must not write into the developer's home either."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNICORN_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("RUNICORN_DIR", str(tmp_path_factory.mktemp("root")))
        yield


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in _LIMITS:
        monkeypatch.setattr(limit, 60.0)


@pytest.fixture
def root(runicorn_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The storage root of this test, below its working directory; runs that it leaves open are finished."""
    monkeypatch.setenv("RUNICORN_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("RUNICORN_RUN__CAPTURE_ENV", "false")
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "runs"
    from runicorn.sdk.active import unfinished

    for run in reversed(unfinished()):
        run.finish()


@pytest.fixture
def script(root: Path, tmp_path: Path) -> Script:
    """Run a Python program in a process of its own, beside the test's root."""

    def run(program: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "program.py"
        file.write_text(program, encoding="utf-8")
        return subprocess.run(
            [sys.executable, str(file), *arguments],
            check=False, capture_output=True, text=True, timeout=200, **options,
        )  # fmt: skip

    return run
