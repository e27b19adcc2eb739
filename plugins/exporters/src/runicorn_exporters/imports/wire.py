"""The wire format of protocol buffers, as far as reading it needs no descriptions of messages."""

from __future__ import annotations

import struct
from typing import TypeAlias

#: What stands in a field: a whole number (varint), eight or four raw bytes, or the bytes of text, bytes or a message.
Value: TypeAlias = "int | bytes"
Fields: TypeAlias = "dict[int, list[Value]]"

_double = struct.Struct("<d").unpack
_float = struct.Struct("<f").unpack


def fields(data: bytes) -> Fields:
    """The fields of a message by number, each with its values in order.

    :raises ValueError: this is no message.
    """
    found: Fields = {}
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        value: Value
        match key & 7:
            case 0:
                value, at = _varint(data, at)
            case 1:
                value, at = data[at : at + 8], at + 8
            case 2:
                size, at = _varint(data, at)
                value, at = data[at : at + size], at + size
            case 5:
                value, at = data[at : at + 4], at + 4
            case other:
                raise ValueError(f"wire type {other}")
        if at > end:
            raise ValueError("a message that ends too early")
        found.setdefault(key >> 3, []).append(value)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    try:
        while True:
            byte = data[at]
            at += 1
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result & 0xFFFF_FFFF_FFFF_FFFF, at
            shift += 7
            if shift > 63:
                raise ValueError("a number of more than 64 bits")
    except IndexError:
        raise ValueError("a message that ends too early") from None


def whole(message: Fields, number: int, default: int = 0) -> int:
    """A signed number."""
    value = message[number][-1] if number in message else default
    if not isinstance(value, int):
        raise ValueError(f"field {number} is no number")  # noqa: TRY004 (of the message)
    return value - (1 << 64) if value >= 1 << 63 else value


def raw(message: Fields, number: int) -> bytes:
    value = message[number][-1] if number in message else b""
    if not isinstance(value, bytes):
        raise ValueError(f"field {number} is a number")  # noqa: TRY004 (of the message)
    return value


def each(message: Fields, number: int) -> list[bytes]:
    """All values of a repeated field of texts or messages."""
    return [value for value in message.get(number, ()) if isinstance(value, bytes)]


def text(message: Fields, number: int) -> str:
    return raw(message, number).decode("utf-8", "replace")


def double(message: Fields, number: int) -> float:
    value = raw(message, number)
    return float(_double(value)[0]) if len(value) == 8 else 0.0


def single(message: Fields, number: int) -> float:
    value = raw(message, number)
    return float(_float(value)[0]) if len(value) == 4 else 0.0


def packed(message: Fields, number: int, kind: str) -> list[float]:
    """A repeated field of numbers of fixed width, packed or not.

    :param kind: ``d`` or ``f``, as :mod:`struct` has them.
    """
    numbers: list[float] = []
    for value in each(message, number):
        numbers += struct.unpack(f"<{len(value) // struct.calcsize(kind)}{kind}", value)
    return numbers


def varints(message: Fields, number: int) -> list[int]:
    """A repeated field of whole numbers, packed or not."""
    numbers: list[int] = []
    for value in message.get(number, ()):
        if isinstance(value, int):
            numbers.append(value)
            continue
        at = 0
        while at < len(value):
            one, at = _varint(value, at)
            numbers.append(one)
    return [one - (1 << 64) if one >= 1 << 63 else one for one in numbers]


def seconds(stamp: bytes) -> float:
    """A ``google.protobuf.Timestamp``."""
    message = fields(stamp)
    return whole(message, 1) + whole(message, 2) / 1e9
