"""Raising an alert, and saying one in the terminal."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from runicorn.hooks import plugin_section
from runicorn.model.alert import Alert, Level

from .settings import MonitorsSection

if TYPE_CHECKING:
    from runicorn.contracts import RunView

_LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_log = logging.getLogger("runicorn.alerts")


def alert(run: RunView, title: str, text: str = "", level: Level = "warning", *, step: int | None = None) -> None:
    """Raise an alert: ``run.alert("Validation set is empty")``. Never raises.

    :param title: one line.
    :param level: ``info``, ``warning`` or ``error``.
    :param step: the last step by default.
    """
    run.raise_alert(Alert(title, text, level, step=step))


def announce(run: RunView, alert: Alert) -> None:
    """Say an alert in the terminal, unless the configuration says otherwise."""
    if not plugin_section("monitors", MonitorsSection).announce:
        return
    at = "" if alert.step is None else f" at step {alert.step}"
    _log.log(_LEVELS[alert.level], "%s%s in run %s%s", alert.title, at, run.id, f": {alert.text}" if alert.text else "")
