"""The step of a record."""

from __future__ import annotations

from typing import Any

from .interrupting import from_signal_handler

LAST_STEP = 2**63 - 1


def usable_step(step: Any) -> int | None:
    """A step as an integer of 64 bits; None for what cannot be one. Never raises.

    Floats are truncated; whatever has a scalar ``.item()`` (numpy, torch) counts as that scalar.
    """
    try:
        if isinstance(step, (str, bytes, bool)):
            return None
        if not isinstance(step, (int, float)):
            item = getattr(step, "item", None)
            step = step.__index__() if item is None else item()
        number = int(step)
    except Exception as error:  # any object may be passed; it is reported by the caller
        if from_signal_handler(error):
            raise
        return None
    return number if -LAST_STEP - 1 <= number <= LAST_STEP else None
