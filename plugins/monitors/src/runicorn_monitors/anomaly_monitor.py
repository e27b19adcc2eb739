"""Anomalies as alerts of a run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from runicorn.model.alert import Alert

from .anomalies import Anomaly, AnomalyDetector, Kind
from .patterns import matcher, words_of

if TYPE_CHECKING:
    from runicorn.contracts import Batch

_MOST = 500  # metrics that are watched
_STEPS = 8  # steps that are remembered: a spike is told some values later


class Anomalies:
    """One detector for each metric (and stage) that a pattern fits."""

    name = "anomalies"

    def __init__(self, patterns: Sequence[str], kinds: tuple[Kind, ...], threshold: float) -> None:
        self._matches, self._words = matcher(patterns), words_of(patterns)
        self._kinds, self._threshold = kinds, threshold
        self._detectors: dict[tuple[str, str | None], tuple[AnomalyDetector, deque[int | None]] | None] = {}

    def observe(self, batch: Batch) -> Iterator[Alert]:
        detectors = self._detectors
        for sample in batch.select(lambda key: self._matches(key) is not None, self._words):
            place = sample.key, sample.stage
            if place not in detectors:
                wanted = len(detectors) < _MOST
                detectors[place] = (
                    (AnomalyDetector(kinds=self._kinds, threshold=self._threshold), deque(maxlen=_STEPS))
                    if wanted
                    else None
                )
            watched = detectors[place]
            if watched is None or not isfinite(sample.value):
                continue
            detector, steps = watched
            steps.append(sample.step)
            for anomaly in detector.observe(sample.value):
                yield _alert(sample.key, steps[-1 - anomaly.ago], anomaly)

    def finish(self) -> Iterator[Alert]:
        yield from ()


def _alert(key: str, step: int | None, anomaly: Anomaly) -> Alert:
    value, level = f"{anomaly.value:g}", f"{anomaly.expected:g}"
    match anomaly.kind:
        case "spike":
            title = f"{key} spikes: {value} where about {level} was expected"
            text = f"{anomaly.score:g} robust standard deviations from the median of the last values"
        case "divergence":
            title = f"{key} diverges: {value}, after it had been at {level}"
            text = "more than half of what training had won is lost again, for ten values in a row"
        case _:
            title = f"{key} is on a plateau at {level}"
            text = "it has not changed by more than its noise for long"
    level_of = "info" if anomaly.kind == "plateau" else "error" if anomaly.kind == "divergence" else "warning"
    return Alert(title, text, level_of, f"anomaly/{anomaly.kind}", step)  # type: ignore[arg-type]
