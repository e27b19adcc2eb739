"""Alerts are waited for, however loaded the machine is."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNICORN_RUN__ALERT_TIMEOUT", "60")
    monkeypatch.setenv("RUNICORN_RUN__CAPTURE_ENV", "false")
