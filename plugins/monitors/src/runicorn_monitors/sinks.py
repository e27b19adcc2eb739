"""Alerts in the terminal: through logging, or as a line of their own."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runicorn.contracts import RunView
    from runicorn.model.alert import Alert, Level

_LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_COLOURS = {"info": "36", "warning": "33", "error": "1;31"}
_log = logging.getLogger("runicorn.alerts")


class LogSink:
    """The logger ``runicorn.alerts``; where nothing is configured, Python shows warnings and errors on stderr."""

    name = "log"

    def __init__(self, run: RunView, min_level: Level) -> None:
        self._run, self.min_level = run, min_level

    def send(self, alert: Alert) -> None:
        _log.log(_LEVELS[alert.level], "%s", said(self._run, alert))


class TerminalSink:
    """One line on stderr, coloured where that is a terminal, whatever logging is configured to do."""

    name = "terminal"

    def __init__(self, run: RunView, min_level: Level) -> None:
        self._run, self.min_level = run, min_level

    def send(self, alert: Alert) -> None:
        stream = sys.__stderr__
        if stream is None:  # a process without one (pythonw)
            return
        label = f"[{alert.level}]"
        if stream.isatty():
            label = f"\x1b[{_COLOURS[alert.level]}m{label}\x1b[0m"
        stream.write(f"{label} {said(self._run, alert)}\n")
        stream.flush()


def said(run: RunView, alert: Alert) -> str:
    """An alert in one line; control characters, which could rewrite a terminal, are shown as what they are."""
    at = "" if alert.step is None else f" at step {alert.step}"
    text = f"{alert.title}{at} in run {run.id}" + (f": {alert.text}" if alert.text else "")
    return "".join(c if c.isprintable() or c == " " else c.encode("unicode_escape").decode() for c in text)
