"""``TensorProto``: the numbers and texts of a tensor."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from attrs import frozen

from .. import wire

#: dtype -> how :mod:`struct` reads ``tensor_content``, and the field that holds single values.
_KINDS = {1: ("f", 5), 2: ("d", 6), 3: ("i", 7), 9: ("q", 10), 22: ("I", 16), 23: ("Q", 17), 10: ("?", 11)}
_FIXED = "df"
_TEXT = 7


@frozen
class Tensor:
    shape: Sequence[int]
    numbers: Sequence[float] = ()
    texts: Sequence[bytes] = ()


def tensor(data: bytes) -> Tensor:
    """Numbers of a kind that nobody logs are left out: the tensor has none, then."""
    message = wire.fields(data)
    shape = [wire.whole(wire.fields(d), 1) for d in wire.each(wire.fields(wire.raw(message, 2)), 2)]
    kind = wire.whole(message, 1)
    if kind == _TEXT:
        return Tensor(shape, texts=wire.each(message, 8))
    if kind not in _KINDS:
        return Tensor(shape)
    letter, number = _KINDS[kind]
    content = wire.raw(message, 4)
    if content:
        size = struct.calcsize(letter)
        return Tensor(shape, list(map(float, struct.unpack(f"<{len(content) // size}{letter}", content))))
    given = wire.packed(message, number, letter) if letter in _FIXED else wire.varints(message, number)
    return Tensor(shape, list(map(float, given)))
