"""What every test of this repository gets: a home of its own, strict plugins, no skips where all must run."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

pytest_plugins = ["runicorn.testing.pytest_plugin"]  # each test has a home and a root of its own, and strict plugins

#: Set by ``.ci/run``: everything that a test needs is installed, so a skip is a failure.
RUN_ALL = os.environ.get("RUNICORN_TEST_ALL") == "1"

for _name in [name for name in os.environ if name.startswith("RUNICORN_")]:
    del os.environ[_name]  # nothing that a developer has configured reaches a test

settings.register_profile("here", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if RUN_ALL and report.skipped and not hasattr(report, "wasxfail"):
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
