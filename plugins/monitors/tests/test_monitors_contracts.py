"""This plugin keeps the promises of every plugin, and its monitor those of every monitor."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest
from runicorn.contracts import Monitor
from runicorn.model.metric import Sample
from runicorn.testing import MonitorContract, PluginContract
from runicorn_monitors.non_finite import NonFinite


class TestPlugin(PluginContract):
    name = "monitors"
    hooks = frozenset(["alert_raised", "config_schema", "register_api", "register_monitors"])


class TestNonFinite(MonitorContract):
    @pytest.fixture
    def make(self) -> Callable[[], Monitor]:
        return lambda: NonFinite(["*loss*"])

    @pytest.fixture
    def alarming(self) -> Sequence[Sample]:
        return [Sample("loss", value, step, 0.0) for step, value in enumerate([1.0, math.nan, 2.0, math.inf])]
