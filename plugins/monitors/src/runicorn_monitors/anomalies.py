"""Anomalies of one metric, found while its values come.

- **spike**: a value further from the running median than so many robust standard deviations. The modified z-score of
  Iglewicz and Hoaglin ("How to Detect and Handle Outliers", 1993): median and MAD instead of mean and deviation, with
  MAD / 0.6745 estimating the deviation of normal noise. Both are of the last values (a running window), and the MAD is
  that of the residuals from the median at their own time, so that a falling curve is no noise. A spike is also twice
  as far out as anything in the last 500 values (losses of small batches have heavy tails), and five values later the
  curve is back (a warm restart of a learning rate stays high for longer): it is told then.
- **divergence**: the median of the last few values has risen from its best by far more than noise, and by more than
  half of what training had won. A one-sided change detection in the spirit of Page's CUSUM ("Continuous Inspection
  Schemes", 1954), whose reference is the best level instead of the mean, because losses fall.
- **plateau**: in the last ``patience`` values the medians of the two halves differ by less than their noise (the
  standard error of a median is 1.2533 sigma / sqrt(n) for normal noise), and by less than 2 % of what training had won.

No curve is fitted and nothing is kept but two windows: a value costs some binary searches.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Literal, TypeAlias, get_args

from attrs import evolve, frozen

from .window import Sorted

Kind: TypeAlias = Literal["spike", "divergence", "plateau"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_SIGMA = 1.4826  # 1 / 0.6745
_SHORT = 9  # values whose median is the present level
_AFTER = 5  # values after a spike, most of which are back
_BACK = 0.25  # of its height, which they may keep
_FURTHER = 2.0  # times as far out as what came before
_MEMORY = 500  # values that came before


@frozen
class Anomaly:
    """One finding."""

    kind: Kind
    value: float  # the one at which it was found
    score: float  # how far out: in robust standard deviations
    expected: float  # the level that was expected
    ago: int = 0  # how many values have come since


class AnomalyDetector:
    """Looks at the values of one metric, one after the other. Not for several threads at once.

    :param threshold: robust standard deviations from which a value is a spike.
    :param window: values that median and MAD are of.
    :param warmup: values before anything is found.
    :param patience: values of a plateau.
    :param mode: ``min`` for what should fall (spikes upwards), ``max`` for what should rise, ``both`` for spikes in
        both directions, without divergence and plateau.
    """

    def __init__(
        self,
        *,
        threshold: float = 8.0,
        window: int = 50,
        warmup: int = 20,
        patience: int = 500,
        mode: Literal["min", "max", "both"] = "min",
        kinds: tuple[Kind, ...] = KINDS,
    ) -> None:
        self._threshold, self._warmup, self._patience, self._mode = threshold, warmup, patience, mode
        self._kinds = kinds
        self._values, self._residuals = Sorted(window), Sorted(window)
        self._short = Sorted(_SHORT)
        self._long: deque[float] = deque(maxlen=patience if "plateau" in kinds else 1)
        self._n = 0
        self._in_spike = self._diverged = False
        self._lately: deque[float] = deque(maxlen=_MEMORY)  # how far out values were, in the direction of spikes
        self._candidate: Anomaly | None = None
        self._since: list[float] = []  # the values after it
        self._start: float | None = None  # the first level
        self._best = math.inf  # the best level, and the noise around it
        self._best_noise = 0.0
        self._risen = 0  # values in a row
        self._flat_from: float | None = None  # the level of a plateau that was told

    def observe(self, value: float) -> list[Anomaly]:
        """Look at one value; what it shows. Values that are not finite are none of its business."""
        if value - value != 0:
            return []
        signed = -value if self._mode == "max" else value  # lower is better
        expected = self._values.median
        found = self._back(signed) if self._candidate is not None else []
        if self._n >= self._warmup:
            self._spike(signed)
        if self._n:
            self._residuals.add(abs(signed - expected))
            self._lately.append(abs(signed - expected) if self._mode == "both" else signed - expected)
        self._values.add(signed)
        self._short.add(signed)
        self._long.append(signed)
        self._n += 1
        if self._mode != "both" and len(self._short) == _SHORT:
            found += self._level(signed)
        sign = -1 if self._mode == "max" else 1
        return [
            evolve(a, value=sign * a.value, score=round(a.score, 2), expected=sign * a.expected)
            for a in found
            if a.kind in self._kinds
        ]

    def _noise(self) -> float:
        """The robust standard deviation; never 0, so that a curve that stands still may move a little."""
        return max(_SIGMA * self._residuals.median, 1e-3 * abs(self._values.median), 1e-12)

    def _spike(self, value: float) -> None:
        """Look whether a value may be one; whether it is, those that follow tell."""
        expected = self._values.median
        height = abs(value - expected) if self._mode == "both" else value - expected
        score = height / self._noise()
        if score <= self._threshold:
            self._in_spike = self._in_spike and score > self._threshold / 2
        elif not self._in_spike:
            self._in_spike = True
            if self._candidate is None and height > _FURTHER * max(self._lately, default=0.0):
                self._candidate, self._since = Anomaly("spike", value, score, expected, ago=_AFTER), []

    def _back(self, value: float) -> list[Anomaly]:
        """The spike that the last values have come back from, if they have."""
        spike = self._candidate
        assert spike is not None
        self._since.append(value)
        if len(self._since) < _AFTER:
            return []
        self._candidate = None
        kept = abs(sorted(self._since)[_AFTER // 2] - spike.expected) / abs(spike.value - spike.expected)
        return [spike] if kept < _BACK else []

    def _level(self, value: float) -> list[Anomaly]:
        level = self._short.median
        if self._start is None:
            self._start = level
        found = []
        if self._n > self._warmup:
            won = max(self._start - self._best, 0.25 * abs(self._start)) if self._best < math.inf else math.inf
            rise = level - self._best
            if rise > 0.5 * won and rise > 8 * self._best_noise:
                self._risen += 1
                if self._risen > _SHORT and not self._diverged:
                    self._diverged = True
                    found.append(Anomaly("divergence", value, rise / self._best_noise, self._best))
            else:
                self._risen = 0
                self._diverged = self._diverged and rise > 0.25 * won
        if level < self._best:
            self._best, self._best_noise = level, self._noise()
        if len(self._long) == self._patience and self._n % max(1, self._patience // 10) == 0:
            found += self._plateau(value)
        return found

    def _plateau(self, value: float) -> list[Anomaly]:
        from statistics import median  # 6 ms, which a run without a plateau need not pay

        values = list(self._long)
        half = len(values) // 2
        before, after = median(values[:half]), median(values[half:])
        noise = _SIGMA * median(abs(v - before) for v in values[:half])
        error = 1.2533 * noise * math.sqrt(2 / half)
        won = max((self._start or 0.0) - self._best, 1e-12)
        flat = abs(before - after) <= 2 * error + 1e-12 or abs(before - after) < 0.002 * won
        if not flat or abs(before - after) > 0.02 * won:
            if self._flat_from is not None and self._flat_from - after > 0.05 * won:
                self._flat_from = None  # it goes on: another plateau may come
            return []
        if self._flat_from is not None:
            return []
        self._flat_from = after
        return [Anomaly("plateau", value, abs(before - after) / max(error, 1e-12), after)]
