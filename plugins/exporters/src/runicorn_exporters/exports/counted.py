"""An output that need not be seekable, for libraries that ask where they are."""

from __future__ import annotations

import io
from typing import BinaryIO


class Counted(io.RawIOBase):
    """Writes through, and counts. Closing it leaves the output open."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._at = out, 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def write(self, data: object) -> int:
        view = memoryview(data).cast("B")  # type: ignore[arg-type]  # anything with a buffer
        rest = view
        while rest:
            rest = rest[self._out.write(rest) or 0 :]
        self._at += len(view)
        return len(view)

    def flush(self) -> None:
        if not self.closed:
            self._out.flush()
