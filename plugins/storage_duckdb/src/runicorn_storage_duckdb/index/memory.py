"""Memory that was freed, back to the system."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any


def give_back() -> None:
    """glibc keeps what was freed, in an arena for each thread that ever allocated.

    Takes some milliseconds; with another C library nothing happens.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any | None:
    if sys.platform != "linux":
        return None
    import ctypes

    return getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
