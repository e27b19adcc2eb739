"""Memory for copies that wait to be encoded, used again: fresh memory costs several times what copying into it does,
because the system hands it out page by page."""

from __future__ import annotations

from typing import Any

SMALLEST = 64 << 10  # below this the allocator keeps memory at hand by itself
LARGEST = 16 << 20
KEPT = 32 << 20  # bytes that are kept for the next copies, in all
_PAGE = 4096


class Memory:
    """Copies arrays of numpy into memory that earlier copies have left. Any thread, and no lock: a copy may end its
    life anywhere, below a signal handler or the garbage collector too."""

    def __init__(self) -> None:
        self._free: dict[int, list[Any]] = {}  # size -> blocks of it, the size that was used last at the end

    def copy(self, array: Any) -> Any:
        """A copy in the order of rows. Its memory is used again when nothing refers to the copy any more."""
        if array.dtype.kind not in "biuf" or not SMALLEST <= array.nbytes <= LARGEST:
            return array.copy()
        import numpy as np

        size = -(-array.nbytes // _PAGE) * _PAGE
        try:
            block = self._free[size].pop()
        except (KeyError, IndexError):
            block = np.empty(size, np.uint8)
        copy = np.asarray(_Lease(self, block, array.shape, array.dtype))
        np.copyto(copy, array)
        return copy

    @property
    def kept(self) -> int:
        """Bytes that wait for the next copies."""
        return sum(size * len(blocks) for size, blocks in list(self._free.items()))

    def _take_back(self, block: Any) -> None:
        size = block.nbytes
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


class _Lease:
    """What a copy stands on; when the last array upon it goes, so does this, and the memory is free again."""

    def __init__(self, memory: Memory, block: Any, shape: tuple[int, ...], kind: Any) -> None:
        self._memory, self._block = memory, block
        self.__array_interface__ = {
            "version": 3,
            "shape": shape,
            "typestr": kind.str,
            "data": (block.ctypes.data, False),
        }

    def __del__(self) -> None:
        self._memory._take_back(self._block)


memory = Memory()
