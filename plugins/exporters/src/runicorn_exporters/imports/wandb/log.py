"""``.wandb`` files: records of protocol buffers in blocks, as LevelDB keeps its log."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from ..damage import CutOff, Damaged

HEAD = struct.pack("<4sHB", b":W&B", 0xBEE1, 0)
_BLOCK = 1 << 15
_CHUNK = struct.Struct("<IHB")
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


def is_log(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(HEAD))[:4] == HEAD[:4]
    except OSError:
        return False


def records(path: Path) -> Iterator[bytes]:
    """The records of a file.

    :raises Damaged: a checksum does not fit; what comes behind is not read.
    :raises CutOff: the file ends within a record.
    """
    with path.open("rb") as file:
        head = file.read(len(HEAD))
        if head != HEAD:
            raise Damaged if len(head) == len(HEAD) else CutOff
        at, waiting = len(HEAD), bytearray()
        expecting = False
        while True:
            left = _BLOCK - at % _BLOCK
            if left < _CHUNK.size:  # too little for a chunk: zeros
                file.read(left)
                at += left
                continue
            chunk = file.read(_CHUNK.size)
            if len(chunk) < _CHUNK.size:
                if chunk or expecting:
                    raise CutOff
                return
            check, length, kind = _CHUNK.unpack(chunk)
            data = file.read(length)
            at += _CHUNK.size + length
            if len(data) < length:
                raise CutOff
            fits = kind in ((_MIDDLE, _LAST) if expecting else (_WHOLE, _FIRST))
            if not fits or length > left - _CHUNK.size or zlib.crc32(data, zlib.crc32(bytes([kind]))) != check:
                raise Damaged
            if kind == _WHOLE:
                yield data
                continue
            waiting += data
            expecting = kind != _LAST
            if not expecting:
                yield bytes(waiting)
                waiting.clear()
