"""The tensors in ``.safetensors`` and ``.npz`` files, from their headers; no tensor library is needed.

safetensors: 8 bytes of length, a JSON header, then the data (https://github.com/huggingface/safetensors). npz: a zip
of ``.npy`` files, whose header is a Python literal (NumPy Enhancement Proposal 1).
"""

from __future__ import annotations

import ast
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from attrs import frozen
from runicorn.serialize import loads

_MOST_HEADER = 100 << 20  # bytes; what the reference implementation accepts
_PIECE = 1 << 20


@frozen
class Tensor:
    dtype: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.dtype} {list(self.shape)}"


@frozen
class TensorFile:
    """What a file holds; ``read(name)`` gives a tensor's bytes piece by piece, while the file is open."""

    tensors: Mapping[str, Tensor]
    read: Callable[[str], Iterator[bytes]]


def tensors_of(path: str, file: BinaryIO) -> TensorFile | None:
    """The tensors of an open file; None when it is of another kind, or damaged.

    :param path: its name, whose ending tells the kind.
    """
    try:
        if path.endswith(".safetensors"):
            return _safetensors(file)
        if path.endswith(".npz"):
            return _npz(file)
    except (ValueError, KeyError, TypeError, struct.error, zipfile.BadZipFile, SyntaxError):
        return None
    return None


def same_tensor(one: TensorFile, other: TensorFile, name: str) -> bool:
    """Whether a tensor has the same bytes in both files."""
    return _joined(one.read(name), other.read(name))


def _joined(one: Iterator[bytes], other: Iterator[bytes]) -> bool:
    while True:
        mine, theirs = next(one, b""), next(other, b"")
        if mine != theirs:
            return False
        if not mine:
            return True


def _safetensors(file: BinaryIO) -> TensorFile:
    (length,) = struct.unpack("<Q", file.read(8))
    if length > _MOST_HEADER:
        raise ValueError("the header is too long")
    header = loads(file.read(length))
    places = {name: value["data_offsets"] for name, value in header.items() if name != "__metadata__"}

    def read(name: str) -> Iterator[bytes]:
        begin, end = places[name]
        at = 8 + length + begin
        while begin < end:
            file.seek(at)
            piece = file.read(min(_PIECE, end - begin))
            if not piece:
                return
            at += len(piece)
            begin += len(piece)
            yield piece

    tensors = {
        name: Tensor(str(header[name]["dtype"]), tuple(int(size) for size in header[name]["shape"])) for name in places
    }
    return TensorFile(tensors, read)


def _npz(file: BinaryIO) -> TensorFile:
    archive = zipfile.ZipFile(file)
    tensors = {}
    for name in archive.namelist():
        if name.endswith(".npy"):
            with archive.open(name) as member:
                tensors[name.removesuffix(".npy")] = _npy_header(member.read(4096))

    def read(name: str) -> Iterator[bytes]:
        with archive.open(f"{name}.npy") as member:
            while piece := member.read(_PIECE):
                yield piece

    return TensorFile(tensors, read)


def _npy_header(start: bytes) -> Tensor:
    if not start.startswith(b"\x93NUMPY"):
        raise ValueError("is no .npy file")
    wide = start[6] >= 2
    (length,) = struct.unpack("<I" if wide else "<H", start[8 : 12 if wide else 10])
    begin = 12 if wide else 10
    header = ast.literal_eval(start[begin : begin + length].decode("latin-1"))
    return Tensor(str(header["descr"]), tuple(int(size) for size in header["shape"]))
