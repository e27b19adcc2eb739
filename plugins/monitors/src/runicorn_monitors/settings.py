"""The section ``monitors`` of the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Literal

from attrs import field, frozen
from runicorn.model.alert import Level

from .rule import AlertRule


def _rules(_: object, __: object, value: Sequence[str]) -> None:
    for text in value:
        AlertRule.parse(text)


def _positive(_: object, __: object, value: float) -> None:
    if not isfinite(value) or value < 0:
        raise ValueError("a number from 0 on is expected")


def _url(_: object, __: object, value: str | None) -> None:
    if value is not None and not value.startswith(("https://", "http://")):
        raise ValueError("an address that starts with https:// or http:// is expected")


@frozen
class MonitorsSection:
    """What is watched, and who is told."""

    loss: tuple[str, ...] = ("*loss*",)  # names of metrics that must be finite and should fall
    anomalies: tuple[Literal["divergence", "spike", "plateau"], ...] = ("divergence", "spike")  # what is told of them
    spike: float = field(default=8.0, validator=_positive)  # robust standard deviations from which a value is a spike
    stalled: float = field(default=1800.0, validator=_positive)  # seconds without any value; 0 = never
    failed: bool = True  # a run that fails is an alert, where a webhook is told of them
    rules: tuple[str, ...] = field(default=(), validator=_rules)  # such as "val/acc lt 0.5 for 3 level error"
    sinks: tuple[Literal["log", "terminal", "webhook"], ...] = ("log", "webhook")  # who is told
    sink_level: Level = "info"  # from which level on
    webhook: str | None = field(default=None, validator=_url, metadata={"secret": True}, repr=False)  # its address
