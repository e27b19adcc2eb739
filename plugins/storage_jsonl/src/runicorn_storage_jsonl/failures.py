"""What the system reports, as errors of Runicorn."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from runicorn.errors import StorageError, StorageFull, StorageGone, StorageReadOnly

_KINDS: dict[int, type[StorageError]] = {
    errno.ENOSPC: StorageFull,
    errno.EDQUOT: StorageFull,
    errno.EFBIG: StorageFull,  # the limit on the size of one file
    errno.ENOENT: StorageGone,
    errno.ENOTDIR: StorageGone,
    errno.ESTALE: StorageGone,  # a network file system whose folder was removed elsewhere
    errno.EROFS: StorageReadOnly,
    errno.EACCES: StorageReadOnly,
    errno.EPERM: StorageReadOnly,
}


def failure(what: str, where: str | os.PathLike[str], error: OSError) -> StorageError:
    """The error to raise ``from`` this one."""
    kind = _KINDS.get(error.errno or 0, StorageError)
    return kind(what, os.fspath(where), error.strerror or type(error).__name__)


@contextmanager
def mapped(what: str, where: str | os.PathLike[str]) -> Iterator[None]:
    """Whatever the system reports inside is raised as a :class:`StorageError`."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        raise failure(what, where, error) from error
