"""The best value of the primary metric."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeGuard

from ..serialize import number
from ..types import JSON


def is_best(value: JSON) -> TypeGuard[dict[str, JSON]]:
    """Whether what a summary holds under ``best`` is ours. Anything else there is the user's."""
    return isinstance(value, dict) and value.keys() == {"metric", "value", "step", "mode"}


class BestValue:
    """Follows one metric. Only finite values win: NaN and infinities are a training's accidents."""

    __slots__ = ("_improved", "high", "low", "metric", "mode", "step", "value")

    def __init__(self, metric: str, mode: str, improved: Callable[[], None]) -> None:
        self.metric, self.mode, self._improved = metric, mode, improved
        self.value: float = math.inf if mode == "min" else -math.inf
        self.step: int | None = None
        self.low, self.high = -math.inf, math.inf  # what is below or above is better, perhaps
        self._bound()

    def _bound(self) -> None:
        if self.mode == "min":
            self.low = self.value
        else:
            self.high = self.value

    def offer(self, value: float, step: int | None) -> None:
        """Take a value if it is better. An integer beyond what a float can hold counts as infinite."""
        if value < self.value if self.mode == "min" else value > self.value:  # false with NaN
            finite = number(value)
            if finite is not None and math.isfinite(finite):
                self.value, self.step = finite, step
                self._bound()
                self._improved()

    def offer_stored(self, stored: JSON) -> None:
        """Take what a ``summary`` document says, if it is about this metric."""
        if is_best(stored) and (stored["metric"], stored["mode"]) == (self.metric, self.mode):
            value, step = number(stored["value"]), stored["step"]
            if value is not None:
                self.offer(value, step if isinstance(step, int) else None)

    def offer_earlier(self, other: BestValue) -> None:
        """Take the best of what was logged before; of two that are alike that is the first one."""
        if other.value == self.value and not math.isinf(other.value):
            self.step = other.step
            self._improved()
        else:
            self.offer(other.value, other.step)

    def document(self) -> dict[str, JSON] | None:
        """What ``summary.json`` keeps under ``best``; None before the first usable value."""
        if math.isinf(self.value):
            return None
        return {"metric": self.metric, "value": self.value, "step": self.step, "mode": self.mode}
