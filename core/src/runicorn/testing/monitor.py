"""The contract of :class:`runicorn.contracts.Monitor`, as tests."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest

from ..contracts import Batch, Monitor
from ..model.alert import LEVELS, Alert
from ..model.sample import Sample

_ODD = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1e308, 5e-324]


class MonitorContract:
    """Subclass it and give it a maker of monitors, and samples that must raise an alert::

    class TestPeak(MonitorContract):
        @pytest.fixture
        def make(self):
            return Peak

        @pytest.fixture
        def alarming(self):
            return [Sample("grad_norm", 512.0, 2, 0.0)]
    """

    @pytest.fixture
    def make(self) -> Callable[[], Monitor]:
        raise NotImplementedError("give the contract a fixture named 'make' that returns what makes your monitor")

    @pytest.fixture
    def alarming(self) -> Sequence[Sample]:
        raise NotImplementedError("give the contract a fixture named 'alarming' with samples that raise an alert")

    def test_it_has_a_name(self, make: Callable[[], Monitor]) -> None:
        assert make().name

    def test_it_raises_an_alert(self, make: Callable[[], Monitor], alarming: Sequence[Sample]) -> None:
        alerts = watched(make(), [alarming])
        assert alerts
        for alert in alerts:
            assert alert.title
            assert "\n" not in alert.title
            assert alert.level in LEVELS

    def test_it_does_not_matter_how_samples_are_batched(
        self, make: Callable[[], Monitor], alarming: Sequence[Sample]
    ) -> None:
        assert watched(make(), [alarming]) == watched(make(), [[sample] for sample in alarming])

    def test_monitors_of_two_runs_know_nothing_of_each_other(
        self, make: Callable[[], Monitor], alarming: Sequence[Sample]
    ) -> None:
        assert watched(make(), [alarming]) == watched(make(), [alarming])

    def test_no_number_and_no_key_is_too_odd(self, make: Callable[[], Monitor], alarming: Sequence[Sample]) -> None:
        keys = [*{sample.key for sample in alarming}, "损失/a b", "", "%s {} [x]"]
        batch = [Sample(key, value, step, 0.0) for key in keys for step, value in enumerate(_ODD, -2)]
        watched(make(), [batch, [], list(reversed(batch))])

    def test_a_run_without_values_raises_nothing_that_cannot_be_said(self, make: Callable[[], Monitor]) -> None:
        for alert in watched(make(), []):
            assert alert.title


def watched(monitor: Monitor, batches: Sequence[Sequence[Sample]]) -> list[Alert]:
    """Everything that a monitor says of a run with these batches."""
    alerts = [alert for batch in batches for alert in monitor.observe(Batch.of(batch))]
    return [*alerts, *monitor.finish()]
