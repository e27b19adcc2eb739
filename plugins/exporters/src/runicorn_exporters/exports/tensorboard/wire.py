"""The few parts of protobuf's wire format that event files are made of."""

from __future__ import annotations

import struct
from collections.abc import Sequence


def varint(value: int) -> bytes:
    """A whole number; a negative one is written as its 64-bit complement, as protobuf does."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def whole(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def double(field: int, value: float) -> bytes:
    return varint(field << 3 | 1) + struct.pack("<d", value)


def single(field: int, value: float) -> bytes:
    return varint(field << 3 | 5) + struct.pack("<f", value)


def piece(field: int, value: bytes) -> bytes:
    """Bytes, a text or a message inside of a message."""
    return varint(field << 3 | 2) + varint(len(value)) + value


def text(field: int, value: str) -> bytes:
    return piece(field, value.encode("utf-8", "replace"))


def doubles(field: int, values: Sequence[float]) -> bytes:
    """A packed list."""
    return piece(field, struct.pack(f"<{len(values)}d", *values))
