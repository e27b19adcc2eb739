"""Monitors: what looks at values while they are logged, and raises alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..model.alert import Alert
    from ..model.metric import Sample


class Monitor(Protocol):
    """What ``register_monitors`` returns: one object for one run, used by one background thread."""

    @property
    def name(self) -> str:
        """Becomes the ``rule`` of alerts that state none."""

    def observe(self, batch: Sequence[Sample]) -> Iterable[Alert]:
        """Look at some samples, in the order in which they were logged.

        Called with what ``values_logged`` gets. After three failures in a row it is switched off for the run.
        """

    def finish(self) -> Iterable[Alert]:
        """The run ends: no sample follows."""
