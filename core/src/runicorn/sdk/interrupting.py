"""Exceptions that a user's signal handler raises while ``log()`` runs: they are the user's, not ours to contain."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress
from types import CodeType


def from_signal_handler(error: BaseException) -> bool:
    """Whether a signal handler of this process raised it, as handlers of timeouts do. Only asked after a failure."""
    frame = error.__traceback__
    if frame is None or frame.tb_next is None:
        return False  # raised where it was caught: looking at all handlers would cost 0.1 ms for each media value
    handlers = _handlers()
    while frame is not None:
        if frame.tb_frame.f_code in handlers:
            return True
        frame = frame.tb_next
    return False


def release(lock: threading.RLock) -> None:
    """Undo an ``acquire()`` that began right before something was raised."""
    with suppress(RuntimeError):  # a handler raised while this thread waited for it
        lock.release()


def _handlers() -> set[CodeType]:
    codes: set[CodeType] = set()
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        called = type(handler).__call__ if callable(handler) else None
        for function in (handler, getattr(handler, "func", None), called):
            code = getattr(getattr(function, "__func__", function), "__code__", None)
            if isinstance(code, CodeType):
                codes.add(code)
    return codes
