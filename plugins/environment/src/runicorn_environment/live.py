"""Measuring while somebody looks."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, time
from typing import Generic, Protocol, TypeVar

from runicorn.errors import Unavailable

Value = TypeVar("Value", covariant=True)
Seen = TypeVar("Seen")

KEPT = 900  # moments of history
IDLE_S = 30.0  # nobody has looked for so long: it rests until somebody does
FIRST_S = 2.0  # for the first moment after a rest
_SPAN_S = 0.2  # from opening to the first moment, so that rates have a span
_AGAIN_S = 60.0  # until what was not there is looked for again


class Source(Protocol[Value]):
    """Something that can be measured again and again by one thread."""

    def open(self) -> None:
        """:raises Unavailable: it is not there."""

    def measure(self) -> Value: ...

    def close(self) -> None: ...


class Live(Generic[Seen]):
    """The last moments of a source. Any thread may look; a source that hangs lets nobody wait for long."""

    def __init__(self, make: Callable[[], Source[Seen]], interval_s: float) -> None:
        self._make, self.interval_s = make, interval_s
        self._lock = threading.Lock()
        self._new = threading.Condition(self._lock)
        self._history: deque[tuple[float, Seen]] = deque(maxlen=KEPT)
        self._running = False
        self._begun = 0.0
        self._looked_at = 0.0
        self._absent: tuple[float, Unavailable] | None = None  # when it was found absent

    def latest(self) -> tuple[float, Seen]:
        """When it was measured last, and what.

        :raises Unavailable: it is not there, or does not answer.
        """
        with self._new:
            self._look()
            begin = time() - max(FIRST_S, 3 * self.interval_s)
            if not self._fresh(begin):
                self._new.wait_for(lambda: self._absent is not None or self._fresh(begin), FIRST_S)
            if self._absent is not None:
                raise self._absent[1]
            if not self._fresh(begin):
                raise Unavailable("this machine", f"it could not be measured within {FIRST_S:g} s")
            return self._history[-1]

    def history(self, seconds: float) -> list[tuple[float, Seen]]:
        """The moments of the last seconds, oldest first, one at least.

        :raises Unavailable: it is not there, or does not answer.
        """
        self.latest()
        with self._lock:
            begin = time() - seconds
            return [moment for moment in self._history if moment[0] >= begin] or [self._history[-1]]

    def known(self, seconds: float) -> list[tuple[float, Seen]]:
        """The moments of the last seconds as far as there are any, oldest first. It waits for nothing."""
        with self._lock:
            self._look()
            begin = time() - seconds
            return [moment for moment in self._history if moment[0] >= begin]

    def last(self, first_s: float) -> tuple[float, Seen] | None:
        """The last moment, however long ago. The first one after a rest is waited for, so long from its beginning."""
        with self._new:
            self._look()
            begin = time() - 3 * self.interval_s
            left = self._begun + first_s - monotonic()
            self._new.wait_for(lambda: self._absent is not None or self._fresh(begin), max(0.0, left))
            return self._history[-1] if self._history else None

    def _fresh(self, begin: float) -> bool:
        return bool(self._history) and self._history[-1][0] >= begin

    def _look(self) -> None:
        self._looked_at = monotonic()
        if self._absent is not None and monotonic() - self._absent[0] > _AGAIN_S:
            self._absent = None
        if not self._running and self._absent is None:
            self._running = True
            self._begun = monotonic()
            threading.Thread(target=self._run, name="runicorn-live", daemon=True).start()

    def _run(self) -> None:
        while True:
            self._measure()
            with self._new:  # who has looked in the last moment waits for this thread
                if self._absent is not None or not self._wanted():
                    self._running = False
                    return

    def _wanted(self) -> bool:
        return monotonic() - self._looked_at < IDLE_S

    def _measure(self) -> None:
        """Until nobody looks any more, or it fails."""
        source = self._make()
        pause = threading.Event()
        try:
            source.open()
            pause.wait(min(_SPAN_S, self.interval_s))
            while self._wanted():
                value = source.measure()
                with self._new:
                    self._history.append((time(), value))
                    self._new.notify_all()
                pause.wait(self.interval_s)
        except Unavailable as error:
            self._miss(error)
        except Exception as error:  # noqa: BLE001 (whoever looks is told; the next one finds another try)
            self._miss(Unavailable("this machine", f"{type(error).__name__}: {error}"))
        finally:
            with suppress(Exception):  # what is let go of is of no use to anybody
                source.close()

    def _miss(self, error: Unavailable) -> None:
        with self._new:
            self._absent = monotonic(), error
            self._new.notify_all()
