"""A training that says nothing any more."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from runicorn.model.alert import Alert

if TYPE_CHECKING:
    from runicorn.contracts import Batch

_TIMES = 5.0  # as long as the longest pause so far


class Stalled:
    """One alert when nothing has been logged for long: longer than the limit, and five times longer than ever before.

    A run that has not logged anything yet is not stalled.
    """

    name = "stalled"

    def __init__(self, limit_s: float, clock: Callable[[], float] = monotonic) -> None:
        self._limit_s, self._clock = limit_s, clock
        self._last: float | None = None
        self._longest = 0.0
        self._told = False
        self._step: int | None = None

    def observe(self, batch: Batch) -> list[Alert]:
        last = batch.last()
        if last is not None:
            now = self._clock()
            if self._last is not None and not self._told:
                self._longest = max(self._longest, now - self._last)
            self._last, self._told, self._step = now, False, last.step
        return []

    def finish(self) -> list[Alert]:
        return []

    def tick(self) -> list[Alert]:
        """Time has passed."""
        if self._last is None or self._told:
            return []
        waited = self._clock() - self._last
        if waited < max(self._limit_s, _TIMES * self._longest):
            return []
        self._told = True
        text = "the process lives, but logs no values: it may wait for another process, a lock or a disk"
        return [Alert(f"nothing was logged for {_span(waited)}", text, "warning", "stalled", self._step)]


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
