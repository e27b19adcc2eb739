"""CRC-32C, masked as TFRecord files have it: of one record, and of many records of one length at once."""

from __future__ import annotations

from functools import cache
from typing import Any

_POLYNOMIAL = 0x82F63B78
_ALL = 0xFFFFFFFF
_SMALL = 1024  # bytes; below it the plain loop is quicker
_LANE = 256  # bytes of a long record that one lane takes; a power of two


def masked(crc: int) -> int:
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & _ALL


def crc32c(data: bytes) -> int:
    """The checksum of one record."""
    if len(data) >= _SMALL:
        return _long(data)
    crc, table = _ALL, _table()
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ _ALL


def masked_crc32c_of_rows(rows: Any) -> Any:
    """The masked checksum of each row of a matrix of bytes."""
    import numpy as np

    table = np.array(_table(), np.uint32)
    crc = np.full(len(rows), _ALL, np.uint32)
    for column in rows.T:
        crc = table[(crc ^ column) & 0xFF] ^ crc >> np.uint32(8)
    crc ^= np.uint32(_ALL)
    return (crc >> np.uint32(15) | crc << np.uint32(17)) + np.uint32(0xA282EAD8)


@cache
def _table() -> tuple[int, ...]:
    found = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
        found.append(byte)
    return tuple(found)


def _long(data: bytes) -> int:
    """In lanes side by side, which are then joined two by two.

    Leading zeros change no checksum that starts at zero; starting at all ones is the same as flipping the first four
    bytes. So the record is filled up in front, to a number of lanes that is a power of two.
    """
    import numpy as np

    lanes = 1 << max(0, -(-len(data) // _LANE) - 1).bit_length()
    padded = np.zeros(lanes * _LANE, np.uint8)
    begin = len(padded) - len(data)
    padded[begin:] = np.frombuffer(data, np.uint8)
    padded[begin : begin + 4] ^= 0xFF
    table = np.array(_table(), np.uint32)
    crc = np.zeros(lanes, np.uint32)
    for column in np.ascontiguousarray(padded.reshape(lanes, _LANE).T):
        crc = table[(crc ^ column) & 0xFF] ^ crc >> np.uint32(8)
    power = _LANE.bit_length() - 1
    while len(crc) > 1:
        left = crc[0::2]
        moved = np.zeros_like(left)
        for bit, column in enumerate(_moved_by(power)):  # by as many zero bytes as the right one is long
            moved ^= np.where(left >> np.uint32(bit) & 1, np.uint32(column), np.uint32(0))
        crc = moved ^ crc[1::2]
        power += 1
    return int(crc[0]) ^ _ALL


@cache
def _moved_by(power: int) -> tuple[int, ...]:
    """What 2**power zero bytes make of each bit of a checksum."""
    if power == 0:
        table = _table()
        return tuple(table[(1 << bit) & 0xFF] ^ (1 << bit) >> 8 for bit in range(32))
    half = _moved_by(power - 1)
    return tuple(_applied(half, column) for column in half)


def _applied(columns: tuple[int, ...], crc: int) -> int:
    out = 0
    for bit, column in enumerate(columns):
        if crc >> bit & 1:
            out ^= column
    return out
