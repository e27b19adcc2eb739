"""One at a time in a folder, without a lock file: the lock is on the folder itself and dies with its holder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runicorn.errors import StorageError


@contextmanager
def exclusive(folder: Path, what: str = "sealing", where: str = "on this run") -> Iterator[None]:
    """Keep others of this machine out that seal this run, or migrate into this root.

    Where folders cannot be locked (Windows, some network file systems) nobody is kept out; what is committed then
    is still compared with what was there at the beginning, just before it is replaced.

    :raises StorageError: somebody else is at work there.
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
            raise StorageError(what, str(folder), f"another process is at work {where}; try later") from error
        except OSError:
            pass  # no locks on this file system
        yield
    finally:
        os.close(descriptor)
