"""How a process ends, and what that makes of its runs.

Nothing of the user's is replaced: no excepthook, no handler that somebody has set, no exit code. What left the
process is read from where Python keeps it.
"""

from __future__ import annotations

import atexit
import math
import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

from . import active

if TYPE_CHECKING:
    from ..types import JSON

SIGNAL_S = 10.0  # what remains of the time between SIGTERM and SIGKILL is the user's
_MOST_TEXT = 20_000
_watching = False


def watch_process() -> None:
    """See to it that runs are ended when this process ends. Called by every ``init()``."""
    global _watching
    if not _watching:
        _watching = True
        atexit.register(_at_exit)
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _on_sigterm)


def how_it_ended(error: BaseException | None) -> tuple[str, dict[str, JSON] | None]:
    """The status that an exception makes of a run, and what is kept of it.

    ``SystemExit`` with a code of 0 or None is a normal end.
    """
    if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return "finished", None
    if isinstance(error, SystemExit):
        return "failed", {"kind": "exit", "type": "SystemExit", "message": f"exit code {error.code}", "traceback": None}
    from traceback import format_exception

    try:
        text = "".join(format_exception(error))
        message = str(error)
    except Exception:  # noqa: BLE001 (a broken __str__ must not hide that the run failed)
        text, message = "", "(its message cannot be shown)"
    interrupted = isinstance(error, KeyboardInterrupt) or _cancelled(error)
    return "interrupted" if interrupted else "failed", {
        "kind": "interrupt" if interrupted else "exception",
        "type": type(error).__name__,
        "message": message[:_MOST_TEXT],
        "traceback": text[-_MOST_TEXT:],
    }


def _cancelled(error: BaseException) -> bool:
    """Whether a task was cancelled, which is what Ctrl-C does to the main one."""
    exceptions = sys.modules.get("asyncio.exceptions")
    return exceptions is not None and isinstance(error, exceptions.CancelledError)


def _at_exit() -> None:
    # Python keeps the exception that ends a script here. In an interactive session it may be one that was survived.
    error = None if hasattr(sys, "ps1") else getattr(sys, "last_value", None)
    status, end = how_it_ended(error)
    for run in reversed(active.unfinished()):
        run._end(status, end, math.inf)
    _send_late_alerts()
    if isinstance(error, KeyboardInterrupt):
        _unhandled_again()


def _unhandled_again() -> None:
    # Python ends a process by SIGINT if the last source text it ran was left by KeyboardInterrupt. What runs at the
    # end, in any thread, may evaluate text (every namedtuple that is imported does), which makes it exit code 1.
    with suppress(KeyboardInterrupt):
        exec("raise KeyboardInterrupt")  # noqa: S102 (a constant)


def _send_late_alerts() -> None:
    sinks = sys.modules.get("runicorn.hooks.alert_sinks")
    if sinks is not None:  # else no alert was raised in this process
        with suppress(KeyboardInterrupt):  # Ctrl-C: whoever waits has waited long enough
            sinks.await_late()


def _on_sigterm(number: int, _: FrameType | None) -> None:
    end: dict[str, JSON] = {"kind": "signal", "type": "SIGTERM", "message": "terminated", "traceback": None}
    for run in reversed(active.unfinished()):
        run._end("interrupted", end, SIGNAL_S)
    _send_late_alerts()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
