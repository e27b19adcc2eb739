"""From counters that only grow to rates."""

from __future__ import annotations

from time import monotonic


class Rates:
    """Remembers the last value of each counter."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[float, float]] = {}  # name -> time, count

    def of(self, name: str, count: float) -> float | None:
        """Per second since the last call; None at the first one, and when the counter has begun again."""
        now = monotonic()
        before = self._last.get(name)
        self._last[name] = now, count
        if before is None or now <= before[0] or count < before[1]:
            return None
        return (count - before[1]) / (now - before[0])
