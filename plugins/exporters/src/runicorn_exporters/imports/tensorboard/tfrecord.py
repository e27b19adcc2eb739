"""TFRecord: length, checksum of the length, bytes, checksum of the bytes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

from runicorn.errors import MissingDependency

from ...checksum import crc32c, masked
from ..damage import CutOff, Damaged

_HEAD = struct.Struct("<QI")
_TAIL = struct.Struct("<I")
_LENGTH = struct.Struct("<Q")
_MOST = 1 << 31


def records(file: IO[bytes]) -> Iterator[bytes]:
    """The records of a file.

    :raises Damaged: a checksum does not fit; nothing behind can be trusted.
    :raises CutOff: the file ends within a record.
    """
    lengths: dict[int, int] = {}  # the checksum of a length: files have few different ones
    unpack = _TAIL.unpack
    while True:
        head = file.read(12)
        if len(head) < 12:
            if head:
                raise CutOff
            return
        length, check = _HEAD.unpack(head)
        known = lengths.get(length)
        if known is None:
            known = lengths[length] = masked(crc32c(head[:8]))
        if known != check or length > _MOST:
            raise Damaged
        data = file.read(length + 4)
        if len(data) < length + 4:
            raise CutOff
        body = data[:length]
        if _checksum(body) != unpack(data[length:])[0]:
            raise Damaged
        yield body


def _checksum(body: bytes) -> int:
    try:
        return masked(crc32c(body))
    except ImportError as error:  # numpy, for those that are longer than a number
        raise MissingDependency("importing pictures of TensorBoard", "'runicorn-exporters[tensorboard]'") from error
