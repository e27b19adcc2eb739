"""A run that fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runicorn.model.alert import Alert

if TYPE_CHECKING:
    from runicorn.contracts import Batch, RunView


class Failing:
    """One alert at the end of a run that failed, so that whoever is away is told."""

    name = "failed"

    def __init__(self, run: RunView) -> None:
        self._run = run

    def observe(self, batch: Batch) -> Iterator[Alert]:  # noqa: ARG002 (as every monitor)
        yield from ()

    def finish(self) -> Iterator[Alert]:
        if self._run.failure is not None:
            yield Alert("The run failed", self._run.failure, "error")
