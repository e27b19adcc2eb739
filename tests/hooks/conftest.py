"""Each test has a plugin manager of its own, with the installed plugins and what the test adds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from runicorn.loader import Manager, use_manager


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked for that takes seconds on a loaded machine, and alerts are waited for."""
    monkeypatch.setenv("RUNICORN_RUN__CAPTURE_ENV", "false")
    monkeypatch.setenv("RUNICORN_RUN__ALERT_TIMEOUT", "60")


@pytest.fixture
def plugins() -> Iterator[Manager]:
    with use_manager(Manager()) as manager:
        yield manager
