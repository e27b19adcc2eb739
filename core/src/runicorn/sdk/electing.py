"""Which of the processes of one run and one host does what is to be done once: whoever holds a lock that the system
takes back when its holder dies."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        # Of the process, not of the open file: a forked child does not hold it.
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class OneOfHost:
    """A place that one process of this host (and user) can have. Any thread.

    :param what: what it is for; the same text in all processes that compete for it.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._mutex = threading.RLock()  # reentrant: a signal handler may end a run that is just ending
        self._descriptor: int | None = None
        self._left = False
        self._path: Path | None = None

    def take(self) -> bool:
        """Whether this process has the place now. Where the system knows no such locks, every process has it."""
        with self._mutex:
            return not self._left and (self._descriptor is not None or self._take())

    def _take(self) -> bool:
        try:
            self._path = self._path or _file(self._what)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        except OSError:
            return True
        try:
            _lock(descriptor)
            if os.fstat(descriptor).st_ino == self._path.stat().st_ino:
                self._descriptor = descriptor
                return True
        except FileNotFoundError:  # whoever had the place has just left, and taken the file along
            pass
        except (BlockingIOError, PermissionError):
            pass
        except OSError:
            os.close(descriptor)
            return True
        os.close(descriptor)
        return False

    def leave(self) -> None:
        """Let another process have it, for good."""
        with self._mutex:
            self._left = True
            descriptor, self._descriptor = self._descriptor, None
            if descriptor is not None and self._path is not None:
                with suppress(OSError):
                    self._path.unlink()
                os.close(descriptor)


def _file(what: str) -> Path:
    """A file of this host: a home folder may be shared with others."""
    import tempfile
    from hashlib import sha256

    user = os.getuid() if hasattr(os, "getuid") else ""
    name = sha256(f"{user} {what}".encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return Path(tempfile.gettempdir(), f"runicorn-{name}.lock")
