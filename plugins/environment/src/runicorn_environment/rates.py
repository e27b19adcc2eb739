"""From counters that only grow to rates."""

from __future__ import annotations

from time import monotonic

#: Seconds below which a span says nothing: counters move in steps.
SHORTEST_S = 0.05


class Rates:
    """Remembers the last value of each counter."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[float, float]] = {}  # name -> time, count

    def of(self, name: str, count: float) -> float | None:
        """Per second since the last call; None at the first one, too soon after it, and when it has begun again."""
        now = monotonic()
        before = self._last.get(name)
        if before is not None and now - before[0] < SHORTEST_S:
            return None
        self._last[name] = now, count
        if before is None or count < before[1]:
            return None
        return (count - before[1]) / (now - before[0])
