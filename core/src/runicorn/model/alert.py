"""Alerts: something that a person should look at."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from attrs import frozen

Level: TypeAlias = Literal["info", "warning", "error"]

LEVELS: tuple[Level, ...] = get_args(Level)


@frozen
class Alert:
    """One alert of a run."""

    title: str  # one line, e.g. "train/loss is NaN"
    text: str = ""
    level: Level = "warning"
    rule: str = ""  # what raised it, e.g. the name of a monitor; empty: somebody called run.alert
    step: int | None = None
