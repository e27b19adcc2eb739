"""The last values of a metric, in figures."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque

from attrs import frozen


@frozen
class WindowStatistics:
    """Of the finite values among the last ones; NaN where there are none."""

    n: int  # values in the window, those that are not finite included
    n_finite: int
    last: float
    mean: float
    std: float  # of the population
    min: float
    max: float
    median: float
    slope: float  # least squares, per value


class Sorted:
    """The last ``size`` finite values, also in order. Adding costs two binary searches."""

    __slots__ = ("_order", "_size", "values")

    def __init__(self, size: int) -> None:
        self._size = size
        self.values: deque[float] = deque()
        self._order: list[float] = []

    def add(self, value: float) -> None:
        if len(self.values) == self._size:
            oldest = self.values.popleft()
            del self._order[bisect_left(self._order, oldest)]
        self.values.append(value)
        insort(self._order, value)

    def __len__(self) -> int:
        return len(self._order)

    @property
    def median(self) -> float:
        """NaN when it is empty."""
        n = len(self._order)
        if not n:
            return math.nan
        return self._order[n // 2] if n % 2 else (self._order[n // 2 - 1] + self._order[n // 2]) / 2

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest."""
        return self._order[0], self._order[-1]


class Window:
    """The last values of one metric, whatever they are."""

    def __init__(self, size: int) -> None:
        self._all: deque[float] = deque(maxlen=size)

    def add(self, value: float) -> None:
        self._all.append(value)

    def statistics(self) -> WindowStatistics:
        values = [(place, value) for place, value in enumerate(self._all) if value - value == 0]
        n = len(values)
        last = self._all[-1] if self._all else math.nan
        if not n:
            return WindowStatistics(len(self._all), 0, last, *[math.nan] * 6)
        numbers = sorted(value for _, value in values)
        mean = math.fsum(numbers) / n
        center = sum(place for place, _ in values) / n
        spread = sum((place - center) ** 2 for place, _ in values)
        slope = math.fsum((place - center) * (value - mean) for place, value in values) / spread if spread else 0.0
        middle = numbers[n // 2] if n % 2 else (numbers[n // 2 - 1] + numbers[n // 2]) / 2
        deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in numbers) / n)
        return WindowStatistics(len(self._all), n, last, mean, deviation, numbers[0], numbers[-1], middle, slope)
