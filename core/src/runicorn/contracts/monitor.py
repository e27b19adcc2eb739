"""Monitors: what looks at values while they are logged, and raises alerts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..model.alert import Alert
    from .batch import Batch


class Monitor(Protocol):
    """What ``register_monitors`` returns: one object for one run, used by the plugin's own thread of the run."""

    @property
    def name(self) -> str:
        """Becomes the ``rule`` of alerts that state none."""

    def observe(self, batch: Batch) -> Iterable[Alert]:
        """Look at some samples, in the order in which they were logged.

        A batch is a sequence of samples; who wants few keys takes ``batch.select(...)``, which is quicker. After three
        failures in a row it is switched off for the run.
        """

    def finish(self) -> Iterable[Alert]:
        """The run ends: no sample follows."""
