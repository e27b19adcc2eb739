"""One rule applied to one metric."""

from __future__ import annotations

import math

from runicorn.model.alert import Alert

from .rule import AlertRule


class Watch:
    """Remembers how long the condition has held, and when it was told last."""

    def __init__(self, rule: AlertRule, key: str, now: float) -> None:
        """
        :param now: seconds on the clock of :meth:`late`.
        """
        self.rule, self._key = rule, key
        self._count = 0
        self._told = False
        self._told_at = -math.inf
        self._best: float | None = None
        self._last_at = now

    def observe(self, value: float, step: int | None, ts: float, now: float) -> Alert | None:
        """Look at one value; the alert to raise, if any.

        :param ts: its time in Unix seconds; ``cooldown`` is measured with it.
        """
        self._last_at = now
        if self.rule.timed:
            self._told = False
            return None
        if not self._holds(value):
            self._count, self._told = 0, False
            return None
        self._count += 1
        return self._alert(value, step, ts) if self._count >= self.rule.consecutive else None

    def late(self, now: float, ts: float) -> Alert | None:
        """Time has passed without a value; the alert to raise, if any."""
        waited = now - self._last_at
        return self._alert(waited, None, ts) if waited >= self.rule.threshold else None

    def _holds(self, value: float) -> bool:
        threshold = self.rule.threshold
        match self.rule.condition:
            case "gt":
                return value > threshold
            case "lt":
                return value < threshold
            case "eq":
                return value == threshold
            case "ne":
                return value != threshold
            case "nan":
                return value != value
            case "inf":
                return math.isinf(value)
            case _:
                return not self._improves(value)

    def _improves(self, value: float) -> bool:
        """NaN never does; the first number always."""
        if value != value:
            return False
        gain = math.inf if self._best is None else (self._best - value) * (1 if self.rule.mode == "min" else -1)
        if gain > self.rule.threshold:
            self._best = value
            return True
        return False

    def _alert(self, value: float, step: int | None, ts: float) -> Alert | None:
        if self._told or ts - self._told_at < self.rule.cooldown:
            return None
        self._told, self._told_at = True, ts
        return Alert(self.rule.title(self._key, value), level=self.rule.level, rule=str(self.rule), step=step)
