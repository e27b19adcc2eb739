"""Memory for copies that wait to be encoded, used again: fresh memory costs several times what copying into it does,
because the system hands it out page by page."""

from __future__ import annotations

from typing import Any, NamedTuple

SMALLEST = 64 << 10  # below this the allocator keeps memory at hand by itself
LARGEST = 16 << 20
KEPT = 32 << 20  # bytes that are kept for the next copies, in all
_PAGE = 4096


class Memory:
    """Copies arrays of numpy into memory that earlier copies have left. Any thread, and no lock: a copy may end its
    life anywhere, below a signal handler or the garbage collector too."""

    def __init__(self) -> None:
        self._free: dict[int, list[_Block]] = {}  # size -> blocks of it, the size that was used last at the end

    def copy(self, array: Any) -> Any:
        """A copy in the order of rows. Its memory is used again when nothing refers to the copy any more."""
        kind, nbytes = array.dtype, array.nbytes
        if kind.kind not in "biuf" or not SMALLEST <= nbytes <= LARGEST:
            return array.copy()
        import numpy as np

        size = (nbytes + _PAGE - 1) & -_PAGE
        lease = _Lease()
        try:
            lease.block = block = self._free[size].pop()
        except (KeyError, IndexError):
            lease.block = block = _block(np.empty(size, np.uint8))
        lease.memory = self
        lease.__array_interface__ = {"version": 3, "shape": array.shape, "typestr": kind.str, "data": block.place}
        copy = np.asarray(lease)
        np.copyto(copy, array)
        return copy

    @property
    def kept(self) -> int:
        """Bytes that wait for the next copies."""
        return sum(size * len(blocks) for size, blocks in list(self._free.items()))

    def _take_back(self, block: _Block) -> None:
        size = block.bytes.nbytes
        blocks = self._free.pop(size, None) or []
        self._free[size] = blocks
        blocks.append(block)
        while self.kept > KEPT:
            try:
                oldest = next(iter(self._free))
                if self._free[oldest]:
                    self._free[oldest].pop()
                else:
                    del self._free[oldest]
            except (StopIteration, RuntimeError, KeyError, IndexError):  # another thread was here
                return


class _Block(NamedTuple):
    bytes: Any
    place: tuple[int, bool]  # its address, and that it may be written; asked for once: numpy takes long to say it


def _block(memory: Any) -> _Block:
    return _Block(memory, (memory.__array_interface__["data"][0], False))


class _Lease:
    """What a copy stands on; when the last array upon it goes, so does this, and the memory is free again."""

    __slots__ = ("__array_interface__", "block", "memory")
    __array_interface__: dict[str, Any]
    block: _Block
    memory: Memory

    def __del__(self) -> None:
        self.memory._take_back(self.block)


memory = Memory()
