"""A start without the garbage collector, which would look at every module again and again and find nothing."""

from __future__ import annotations

import gc


class Uncollected:
    """From now until one of its two ends nothing is collected."""

    def __init__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def started(self) -> None:
        """What is there now stays until the process ends: later collections need not look at it."""
        if self._was_on:
            gc.freeze()
        self.ended()

    def ended(self) -> None:
        if self._was_on:
            gc.enable()
