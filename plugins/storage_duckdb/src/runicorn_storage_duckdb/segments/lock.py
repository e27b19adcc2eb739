"""One at a time in a run folder, without a lock file: the lock is on the folder itself and dies with its holder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runicorn.errors import StorageError


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Keep other sealers of this machine out.

    Where folders cannot be locked (Windows, some network file systems) nobody is kept out; what is committed then
    is still compared with what was there at the beginning, just before it is replaced.

    :raises StorageError: somebody else is sealing this run.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StorageError("sealing", str(folder), "another process is at work on this run; try later") from error
        except OSError:
            pass  # no locks on this file system
        yield
    finally:
        os.close(descriptor)
