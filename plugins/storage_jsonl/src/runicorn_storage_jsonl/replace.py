"""Read, change, replace, for documents that several processes and people may edit at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

from runicorn.serialize import dumps, write_bytes

if sys.platform != "win32":
    from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock

if TYPE_CHECKING:
    from runicorn.types import JSON, JSONObject

_LOCK_S = 2.0  # for who holds the folder: a stopped process must not stop the others
_POLL_S = 0.002


def replace_compared(
    path: Path, read: Callable[[], dict[str, JSON]], change: Callable[[dict[str, JSON]], JSONObject]
) -> None:
    """Replace a document by what ``change`` makes of it, one after the other where the file system can do that.

    Elsewhere (some network file systems, Windows) it begins again when the document was replaced meanwhile; two
    replacements in the same instant remain possible there: the last one wins, and none is torn.

    :param read: the document as ``change`` is to see it.
    :raises OSError: nothing was changed.
    """
    with _alone(path.parent):
        while True:
            before = _content(path)
            data = dumps(change(read()), indent=True)
            if _content(path) == before:
                if data != before:
                    write_bytes(path, data)
                return


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's advisory lock. It leaves no file behind, and ends with the process."""
    if sys.platform == "win32" or not os.access(folder, os.R_OK):
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        held = _lock(descriptor)
        try:
            yield
        finally:
            if held:
                flock(descriptor, LOCK_UN)  # closing is not enough: a child forked meanwhile has the descriptor too
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    deadline = monotonic() + _LOCK_S
    while True:
        try:
            flock(descriptor, LOCK_EX | LOCK_NB)
            return True
        except BlockingIOError:
            if monotonic() > deadline:
                return False
            sleep(_POLL_S)
        except OSError:  # not on this file system
            return False


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
