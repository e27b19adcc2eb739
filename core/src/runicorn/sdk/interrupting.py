"""Exceptions that a user's signal handler raises while ``log()`` runs: they are the user's, not ours to contain."""

from __future__ import annotations

import signal
from types import CodeType


def from_signal_handler(error: BaseException) -> bool:
    """Whether a signal handler of this process raised it, as handlers of timeouts do. Only asked after a failure."""
    handlers = _handlers()
    frame = error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code in handlers:
            return True
        frame = frame.tb_next
    return False


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
