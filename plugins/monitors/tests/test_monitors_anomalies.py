"""Anomalies in curves whose truth is known. bench/monitors.py measures how often that is right over many of them."""

from __future__ import annotations

import math
import random

import pytest
from runicorn_monitors.anomalies import Anomaly, AnomalyDetector


def found(values: list[float], **options: object) -> list[tuple[int, str]]:
    detector = AnomalyDetector(**options)  # type: ignore[arg-type]
    finite = [step for step, value in enumerate(values) if math.isfinite(value)]
    return [
        (finite[at - anomaly.ago], anomaly.kind)
        for at, step in enumerate(finite)
        for anomaly in detector.observe(values[step])
    ]


def falling(n: int, noise: float = 0.05, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [2 * math.exp(-step / 100) + 0.3 + chance.gauss(0, noise) for step in range(n)]


def test_an_ordinary_curve_shows_nothing_but_its_plateau_at_the_end() -> None:
    assert [kind for _, kind in found(falling(400))] == []
    assert {kind for _, kind in found(falling(3000))} == {"plateau"}


def test_a_spike_is_found_where_it_is_and_told_once() -> None:
    values = falling(300)
    values[200] = values[201] = 9.0
    (spike,) = found(values)
    assert spike == (200, "spike")


def test_what_should_rise_spikes_downwards() -> None:
    values = [-value for value in falling(300)]
    values[200] = -9.0
    assert found(values, mode="max") == [(200, "spike")]
    assert found(values, mode="min") == [] or all(kind != "spike" for _, kind in found(values, mode="min"))


def test_what_rises_and_stays_for_long_is_no_spike() -> None:
    values = falling(400)
    for step in range(200, 240):  # as after a warm restart of the learning rate
        values[step] += 1.5 * math.exp(-(step - 200) / 15)
    assert found(values, kinds=("spike",)) == []


def test_what_happens_all_the_time_is_no_spike() -> None:
    values = falling(1500)
    for step in range(500, 1500, 100):  # a hard batch in each epoch
        values[step] += 2.0
    assert found(values, kinds=("spike",)) == [(500, "spike")]
    values[1250] += 6.0
    assert found(values, kinds=("spike",)) == [(500, "spike"), (1250, "spike")]


def test_a_divergence_is_found_soon_and_told_once() -> None:
    values = falling(300)
    values += [values[-1] + 0.02 * step**1.5 for step in range(200)]
    (only,) = [(step, kind) for step, kind in found(values, kinds=("divergence",))]
    assert only[1] == "divergence"
    assert 300 < only[0] < 360


def test_a_loss_that_only_grows_diverges() -> None:
    values = [2.3 * 1.05**step for step in range(100)]
    assert [kind for _, kind in found(values, kinds=("divergence",))] == ["divergence"]


def test_a_finding_says_what_was_expected() -> None:
    detector = AnomalyDetector(kinds=("spike",))
    anomalies: list[Anomaly] = []
    for step in range(100):
        anomalies += detector.observe(50.0 if step == 80 else 1.0 + 0.01 * (step % 3))
    (spike,) = anomalies
    assert spike.value == 50.0
    assert spike.expected == pytest.approx(1.01)
    assert spike.score > 100


def test_nan_and_infinities_are_none_of_its_business() -> None:
    for value in [math.nan, math.inf, -math.inf] * 50:
        assert AnomalyDetector(warmup=0).observe(value) == []
    values = falling(200)
    mixed = [part for value in values for part in (value, math.nan)]
    assert found(mixed, kinds=("spike", "divergence")) == []


def test_a_curve_that_stands_still_is_no_anomaly() -> None:
    assert found([1.0] * 2000, kinds=("spike", "divergence")) == []
    assert found([0.0] * 2000, kinds=("spike", "divergence")) == []
