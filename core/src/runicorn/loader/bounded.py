"""Running foreign code with a time limit, so that what hangs costs a wait and no more.

Python cannot stop a thread. What takes too long is left behind on its own (daemon) thread, and its result, if it ever
comes, is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")

_here = threading.local()


class TookTooLong(TimeoutError):
    """A plugin did not return within its time."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"did not return within {limit_s:g} s")
        self.limit_s = limit_s


class Escaped(Exception):
    """Foreign code raised what would end the process (``sys.exit()``, ``KeyboardInterrupt``); here it does not."""

    def __init__(self, error: BaseException) -> None:
        said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        super().__init__(said)


class Bounded:
    """Calls functions one after the other on one thread beside the caller's.

    The caller waits for each, and can be interrupted by Ctrl-C while it does. What a function raised is
    :attr:`failure`; anything else was raised by a signal handler of the caller's. A call from inside a call (a plugin
    that asks for what other plugins offer) is made where it stands.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: SimpleQueue[_Task[Any] | None] | None = None
        self.failure: Exception | None = None

    def __enter__(self) -> Bounded:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._leave()

    def call(self, work: Callable[[], Result], limit_s: float) -> Result:
        """What ``work`` returns.

        :raises TookTooLong: it has not returned within the limit; it goes on by itself.
        :raises Exception: whatever it raises.
        """
        self.failure = None
        task = _Task(work)
        if inside() or not self._begin(task):
            try:
                return contained(work)
            except Exception as error:
                self.failure = error
                raise
        try:
            done = task.done.wait(limit_s)
        except BaseException:  # Ctrl-C, or what a signal's handler raises: nobody waits for the task any more
            self._leave()
            raise
        if not done:
            self._leave()
            self.failure = TookTooLong(limit_s)
            raise self.failure
        if task.error is not None:
            self.failure = task.error
            raise task.error
        return task.result

    def _begin(self, task: _Task[Any]) -> bool:
        """False where there are no more threads, or the interpreter is ending: it is done without a limit, then."""
        if self._tasks is None:
            tasks: SimpleQueue[_Task[Any] | None] = SimpleQueue()
            try:
                threading.Thread(target=_serve, args=(tasks,), name=self._name, daemon=True).start()
            except RuntimeError:
                return False
            except BaseException:  # the same, while the thread begins
                tasks.put(None)  # nobody will
                raise
            self._tasks = tasks
        self._tasks.put(task)
        return True

    def _leave(self) -> None:
        if self._tasks is not None:
            self._tasks.put(None)
            self._tasks = None


def contained(work: Callable[[], Result]) -> Result:
    """What ``work`` returns; whatever it raises is an ``Exception``, so that the process goes on."""
    try:
        return work()
    except Exception:
        raise
    except BaseException as error:
        raise Escaped(error).with_traceback(error.__traceback__) from error


def inside() -> bool:
    """Whether this thread runs foreign code for somebody who waits for it."""
    return getattr(_here, "inside", False)


class _Task(Generic[Result]):
    result: Result

    def __init__(self, work: Callable[[], Result]) -> None:
        self.work = work
        self.done = threading.Event()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.result = contained(self.work)
        except Exception as error:  # noqa: BLE001 (raised again on the thread that waits)
            self.error = error
        self.done.set()


def _serve(tasks: SimpleQueue[_Task[Any] | None]) -> None:
    _here.inside = True
    while (task := tasks.get()) is not None:
        task.run()
