"""Alerts as records of the event file."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, Any

from ..model.alert import LEVELS, Alert
from ..serialize import dumps
from .steps import usable_step
from .values import key_text

if TYPE_CHECKING:
    from ..types import JSON

MOST = 1000  # alerts of one run and process; what raises more says nothing any more
_MOST_TEXT = 10_000  # characters


def alert_line(alert: Alert, step: int) -> bytes:
    """The record of an alert.

    :param step: of the run, for an alert that states none.
    """
    own = None if alert.step is None else usable_step(alert.step)
    data: dict[str, JSON] = {
        "title": key_text(alert.title)[:_MOST_TEXT],
        "text": key_text(alert.text)[:_MOST_TEXT],
        "level": alert.level if alert.level in LEVELS else "warning",
        "rule": key_text(alert.rule),
    }
    return dumps({"ts": time(), "type": "alert", "step": step if own is None else own, "data": data}) + b"\n"


def alert_of(record: dict[str, Any]) -> Alert:
    """The alert that a record holds."""
    data = record["data"]
    return Alert(data["title"], data["text"], data["level"], data["rule"], record["step"])
