"""Records of an event file: a length, its checksum, an event, its checksum."""

from __future__ import annotations

import struct

from ...checksum import crc32c, masked
from .wire import double, piece, text, whole


def framed(data: bytes) -> bytes:
    return head(len(data)) + data + struct.pack("<I", masked(crc32c(data)))


def head(length: int) -> bytes:
    size = struct.pack("<Q", length)
    return size + struct.pack("<I", masked(crc32c(size)))


def beginning(wall_time: float) -> bytes:
    """The first record: points of version 2 are kept when a later step is lower than an earlier one."""
    return framed(double(1, wall_time) + text(3, "brain.Event:2"))


def event(wall_time: float, step: int, tag: str, value: bytes) -> bytes:
    """One value of one tag.

    :param value: the fields of ``Summary.Value`` but the tag.
    """
    summary = piece(1, text(1, tag) + value)
    return framed(double(1, wall_time) + whole(2, step) + piece(5, summary))
