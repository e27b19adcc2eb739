"""Writing to a descriptor as a stream does: everything, however long it takes."""

from __future__ import annotations

import os
import select


def write_all(descriptor: int, data: bytes) -> None:
    """:raises OSError: nobody reads it any more, or it is closed."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:  # somebody has made the terminal non-blocking
            ready = select.poll()  # takes descriptors of any number
            ready.register(descriptor, select.POLLOUT)
            ready.poll()
