"""The viewer's garbage collector: it would look again and again at what stays, and at what is gone a moment later."""

from __future__ import annotations

import gc

#: Objects that a collection waits for. Lines that are parsed make a thousand at a time, which end by themselves.
YOUNG = 20_000


class Uncollected:
    """From now until one of its two ends nothing is collected."""

    def __init__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def started(self) -> None:
        """What is there now stays until the process ends: later collections need not look at it."""
        if self._was_on:
            gc.freeze()
            gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
        self.ended()

    def ended(self) -> None:
        if self._was_on:
            gc.enable()
