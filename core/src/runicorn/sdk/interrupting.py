"""What a signal handler does while ``log()`` runs: it may raise, which is not ours to contain, and end the run."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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


@contextmanager
def let_go(lock: threading.RLock, wait_s: float) -> Iterator[None]:
    """Let other threads have a lock that this one may hold: below a signal handler that ends the run while ``log()``
    stands still, it waits for threads that may want to record something.

    :param wait_s: for getting it back; longer is only held by a thread that hangs in the storage.
    """
    times = 0
    with suppress(RuntimeError):  # raised where this thread does not hold it (any more)
        while True:
            lock.release()
            times += 1
    try:
        yield
    finally:
        for _ in range(times):
            lock.acquire(timeout=wait_s)


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
