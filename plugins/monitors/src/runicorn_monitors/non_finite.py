"""Values that must be finite and are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from runicorn.model.alert import Alert

from .patterns import matcher, words_of

if TYPE_CHECKING:
    from runicorn.contracts import Batch


class NonFinite:
    """One alert for each time a metric stops being finite."""

    name = "non-finite"

    def __init__(self, patterns: Sequence[str]) -> None:
        """
        :param patterns: names of metrics; ``*`` and ``?`` as in file names, upper and lower case are one.
        """
        self._matches, self._words = matcher(patterns), words_of(patterns)
        self._lost: set[str] = set()  # keys whose last value was not finite

    def observe(self, batch: Batch) -> Iterator[Alert]:
        if batch.finite and not self._lost:  # nearly always: nothing has to be parsed then
            return
        for sample in batch.select(lambda key: self._matches(key) is not None, self._words):
            if sample.value - sample.value == 0:
                self._lost.discard(sample.key)
            elif sample.key not in self._lost:
                self._lost.add(sample.key)
                what = "NaN" if sample.value != sample.value else "infinite"
                yield Alert(f"{sample.key} is {what}", level="error", step=sample.step)

    def finish(self) -> Iterator[Alert]:
        yield from ()
