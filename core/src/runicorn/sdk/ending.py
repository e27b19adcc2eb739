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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

from . import active

if TYPE_CHECKING:
    from ..types import JSON

SIGNAL_S = 10.0  # what remains of the time between SIGTERM and SIGKILL is the user's
_MOST_TEXT = 20_000
_watching = False
_held = False  # SIGTERM waits
_came = False  # ... and has come meanwhile
_forking = threading.local()
_told: tuple[int, int] | None = None  # a pipe that says which signals have come to this child


def watch_process() -> None:
    """See to it that runs are ended when this process ends. Called by every ``init()``."""
    global _watching
    if not _watching:
        _watching = True
        atexit.register(_at_exit)
    _heed_sigterm()


def _heed_sigterm() -> bool:
    on_main = threading.current_thread() is threading.main_thread()
    if not on_main or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        return False
    signal.signal(signal.SIGTERM, _on_sigterm)
    return True


def watch_child() -> None:
    """See to it that a forked child that records ends its part of the run when it is terminated.

    A handler of Python's runs when the main thread is next at it. Where a signal comes right before that thread begins
    to wait for something, as a worker of a pool does when the pool is closed, that is never: so the background thread
    is told, too, and interrupts the wait.
    """
    global _told
    if not _heed_sigterm() or not hasattr(signal, "pthread_kill"):
        return
    before = signal.set_wakeup_fd(-1)
    if before != -1:  # somebody else is told
        signal.set_wakeup_fd(before)
        return
    with suppress(OSError):  # no descriptors left
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        _told = reading, writing


def wake_main_thread() -> None:
    """Interrupt what the main thread waits for, where SIGTERM has come. Background thread, again and again."""
    if _told is None:
        return
    try:
        came = signal.SIGTERM in os.read(_told[0], 256)
    except OSError:  # nothing has come
        return
    ident = threading.main_thread().ident
    if came and ident is not None and signal.getsignal(signal.SIGTERM) == _on_sigterm:
        signal.pthread_kill(ident, signal.SIGTERM)


@contextmanager
def sigterm_waits() -> Iterator[None]:
    """SIGTERM is heeded after the block: a run that this very thread is just beginning cannot be ended below it."""
    global _held
    if threading.current_thread() is not threading.main_thread() or _held:
        yield
        return
    _held = True
    try:
        yield
    finally:
        _held = False
        if _came:
            _on_sigterm(signal.SIGTERM, None)


def before_fork() -> None:
    """Until the child has the default action, SIGTERM waits: a handler that it no longer has would lose it."""
    ours = signal.getsignal(signal.SIGTERM) == _on_sigterm
    _forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM]) if ours else None


def after_fork() -> None:
    """Undo :func:`before_fork`, in the parent and in the child."""
    mask, _forking.mask = getattr(_forking, "mask", None), None
    if mask is not None:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def forked() -> None:
    """This process is a forked child: SIGTERM ends it at once, as long as it records nothing."""
    global _held, _came, _told
    _held = _came = False
    if signal.getsignal(signal.SIGTERM) == _on_sigterm:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    after_fork()
    if _told is not None:
        before = signal.set_wakeup_fd(-1)
        if before not in (-1, _told[1]):
            signal.set_wakeup_fd(before)
        for descriptor in _told:
            os.close(descriptor)
        _told = None


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
    global _held, _came
    if _held:  # by init(), or by this handler: "timeout" and others send two
        _came = True
        return
    _held = True
    try:
        end: dict[str, JSON] = {"kind": "signal", "type": "SIGTERM", "message": "terminated", "traceback": None}
        for run in reversed(active.unfinished()):
            run._end("interrupted", end, SIGNAL_S)
        _send_late_alerts()
        signal.signal(number, signal.SIG_DFL)
    finally:  # Ctrl-C may come meanwhile
        _held = False
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # the first process of a container: default actions of signals do nothing to it
