"""This plugin keeps the promises of every plugin, and its monitors those of every monitor."""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Callable, Sequence

import pytest
import runicorn as rn
from runicorn.contracts import AlertSink, Monitor
from runicorn.model.sample import Sample
from runicorn.testing import AlertSinkContract, MonitorContract, PluginContract
from runicorn_monitors.anomaly_monitor import Anomalies
from runicorn_monitors.monitor import MetricMonitor
from runicorn_monitors.non_finite import NonFinite
from runicorn_monitors.rule import CONDITIONS, AlertRule
from runicorn_monitors.sinks import LogSink, TerminalSink


class TestPlugin(PluginContract):
    name = "monitors"
    hooks = frozenset(["config_schema", "register_alert_sinks", "register_api", "register_monitors"])


class TestNonFinite(MonitorContract):
    @pytest.fixture
    def make(self) -> Callable[[], Monitor]:
        return lambda: NonFinite(["*loss*"])

    @pytest.fixture
    def alarming(self) -> Sequence[Sample]:
        return [Sample("loss", value, step, 0.0) for step, value in enumerate([1.0, math.nan, 2.0, math.inf])]


class TestRules(MonitorContract):
    @pytest.fixture
    def make(self) -> Callable[[], Monitor]:
        return lambda: MetricMonitor(AlertRule("*", condition, 1.5, consecutive=2) for condition in CONDITIONS)

    @pytest.fixture
    def alarming(self) -> Sequence[Sample]:
        return [Sample("loss", value, step, 0.0) for step, value in enumerate([1.0, math.nan, math.nan, 2.0, 2.0, 2.0])]


class TestAnomalies(MonitorContract):
    @pytest.fixture
    def make(self) -> Callable[[], Monitor]:
        return lambda: Anomalies(["*loss*"], ("spike", "divergence", "plateau"), 8.0)

    @pytest.fixture
    def alarming(self) -> Sequence[Sample]:
        values = [2 * math.exp(-step / 50) + 0.01 * (step % 7) for step in range(2000)]
        values[100] = 50.0
        return [Sample("loss", value, step, 0.0) for step, value in enumerate(values)]


class TestLogSink(AlertSinkContract):
    @pytest.fixture
    def sink(self, run: rn.Run, caplog: pytest.LogCaptureFixture) -> AlertSink:
        caplog.set_level("INFO", logger="runicorn.alerts")
        return LogSink(run, "info")

    @pytest.fixture
    def received(self, caplog: pytest.LogCaptureFixture) -> Callable[[], Sequence[str]]:
        return lambda: caplog.messages


class TestTerminalSink(AlertSinkContract):
    @pytest.fixture
    def stream(self, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
        stream = io.StringIO()
        monkeypatch.setattr(sys, "__stderr__", stream)
        return stream

    @pytest.fixture
    def sink(self, run: rn.Run, stream: io.StringIO) -> AlertSink:
        return TerminalSink(run, "info")

    @pytest.fixture
    def received(self, stream: io.StringIO) -> Callable[[], Sequence[str]]:
        return lambda: stream.getvalue().splitlines()
