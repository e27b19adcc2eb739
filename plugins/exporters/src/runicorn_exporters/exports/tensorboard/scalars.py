"""Numbers, as many at a time as there are: a million of them are one matrix of bytes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ...checksum import masked_crc32c_of_rows
from .records import head
from .wire import piece, text, varint

_ROWS = 1 << 16  # records of one piece


def scalar_events(tag: str, steps: Any, times: Any, values: Any, *, exact: bool) -> Iterator[bytes]:
    """The events of one tag, in the order of steps (a step that is there twice keeps its order).

    TensorBoard takes a step that is lower than the one before for a restart, and forgets what it restarts.

    :param exact: keep all 64 bits of a value, in a tensor. Older readers know only the 32 bits of ``simple_value``.
    """
    import numpy as np

    order = np.argsort(steps, kind="stable")
    steps, times = steps[order].astype(np.int64).view(np.uint64), times[order]
    with np.errstate(over="ignore"):
        values = values[order].astype("<f8" if exact else "<f4")
    before = _before(tag, exact)
    for begin, end, width in _runs_of_one_width(steps):
        for at in range(begin, end, _ROWS):
            part = slice(at, min(at + _ROWS, end))
            yield _matrix(steps[part], times[part], values[part], width, before)


def _before(tag: str, exact: bool) -> bytes:
    """What stands between the step and the value."""
    if exact:  # metadata: plugin "scalars"; tensor: double, without dimensions, its content
        inner = piece(9, piece(1, text(1, "scalars")) + b"\x20\x01") + b"\x42" + varint(14) + b"\x08\x02\x12\x00"
        start, width = text(1, tag) + inner + b"\x22\x08", 8
    else:
        start, width = text(1, tag) + b"\x15", 4
    value = b"\x0a" + varint(len(start) + width)
    return b"\x2a" + varint(len(value) + len(start) + width) + value + start


def _runs_of_one_width(steps: Any) -> Iterator[tuple[int, int, int]]:
    """From, to, and bytes of a step: neighbours whose records are equally long."""
    import numpy as np

    limits = np.array([1 << 7 * n for n in range(1, 10)], np.uint64)
    widths = np.searchsorted(limits, steps, side="right") + 1
    edges = [0, *(np.flatnonzero(np.diff(widths)) + 1).tolist(), len(steps)]
    for begin, end in itertools.pairwise(edges):
        if begin < end:
            yield begin, end, int(widths[begin])


def _matrix(steps: Any, times: Any, values: Any, width: int, before: bytes) -> bytes:
    import numpy as np

    count, wide = len(steps), values.dtype.itemsize
    length = 1 + 8 + 1 + width + len(before) + wide
    front = head(length)
    rows = np.empty((count, len(front) + length + 4), np.uint8)
    at = _put(rows, 0, front + b"\x09")
    at = _put_each(rows, at, times.astype("<f8"))
    at = _put(rows, at, b"\x10")
    for byte in range(width):
        more = 0x80 if byte < width - 1 else 0
        rows[:, at + byte] = (steps >> np.uint64(7 * byte) & np.uint64(0x7F)).astype(np.uint8) | more
    at = _put(rows, at + width, before)
    at = _put_each(rows, at, values)
    _put_each(rows, at, masked_crc32c_of_rows(rows[:, len(front) : at]).astype("<u4"))
    return rows.tobytes()


def _put(rows: Any, at: int, same: bytes) -> int:
    import numpy as np

    rows[:, at : at + len(same)] = np.frombuffer(same, np.uint8)
    return at + len(same)


def _put_each(rows: Any, at: int, column: Any) -> int:
    import numpy as np

    wide: int = column.dtype.itemsize
    rows[:, at : at + wide] = np.ascontiguousarray(column).view(np.uint8).reshape(len(column), wide)
    return at + wide
