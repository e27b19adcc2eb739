"""The grid of a chart: buckets of one width, a power of two, whose edges are multiples of it."""

from __future__ import annotations

import math


def width_for(low: float, high: float, buckets: int) -> float:
    """The smallest power of two that covers ``low`` to ``high`` in at most ``buckets`` buckets; 1 for a single point.

    Never so small that positions on the grid could not be told apart in a float.
    """
    if not low < high:
        return 1.0
    width = math.ldexp(1.0, math.frexp((high - low) / buckets)[1] - 2)
    width = max(width, math.ldexp(1.0, math.frexp(max(abs(low), abs(high)))[1] - 52))
    while math.floor(high / width) - math.floor(low / width) + 1 > buckets:
        width *= 2
    return width
