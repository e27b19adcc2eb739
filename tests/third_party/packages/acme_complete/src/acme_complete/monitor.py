"""An alert for what is too large."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from runicorn.model.alert import Alert

if TYPE_CHECKING:
    from runicorn.model.sample import Sample


class Peak:
    name = "acme-peak"

    def __init__(self, limit: float) -> None:
        self._limit = limit

    def observe(self, batch: Sequence[Sample]) -> Iterator[Alert]:
        for sample in batch:
            if sample.value > self._limit:
                yield Alert(f"{sample.key} is {sample.value:g}", step=sample.step)

    def finish(self) -> Iterator[Alert]:
        yield from ()
