"""Raising an alert from training code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runicorn.model.alert import Alert, Level

if TYPE_CHECKING:
    from runicorn.contracts import RunView


def alert(run: RunView, title: str, text: str = "", level: Level = "warning", *, step: int | None = None) -> None:
    """Raise an alert: ``run.alert("Validation set is empty")``. Never raises.

    :param title: one line.
    :param level: ``info``, ``warning`` or ``error``.
    :param step: the last step by default.
    """
    run.raise_alert(Alert(title, text, level, step=step))
