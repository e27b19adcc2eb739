"""Which content a file had when it was read last, so that an unchanged file is not read again.

An entry counts while size, times, inode and device are the same, and only when the file had not been touched for two
seconds before it was read: one that is written while it is hashed, or right after, could keep its time (the "racy"
problem that git's index has, too).
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from .config import cache_dir

if TYPE_CHECKING:
    import sqlite3

_RACY_NS = 2_000_000_000
_SCHEMA = """
create table if not exists hashes(
    path blob primary key, size integer, mtime_ns integer, ctime_ns integer, inode integer, device integer,
    digest text, chunks text
) without rowid
"""


@frozen
class Content:
    """The SHA-256 of a file's content, in hex, and those of its parts where somebody keeps it in parts."""

    digest: str
    chunks: tuple[str, ...] = ()


class KnownHashes:
    """A file in the user's cache folder; whatever is wrong with it only costs time. Thread-safe.

    Hashing is the caller's: it knows in what parts, and what else is to be done with what it reads.
    """

    def __init__(self) -> None:
        import sqlite3

        file = cache_dir() / "hashes.sqlite3"
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._database = _opened(file)
        except (OSError, sqlite3.OperationalError):
            return  # no cache here, or none that can be written: everything is read
        except sqlite3.DatabaseError:
            with suppress(OSError, sqlite3.Error):
                file.unlink(missing_ok=True)
                self._database = _opened(file)

    def get(self, path: Path, stat: os.stat_result) -> Content | None:
        """What the file holds, when it is the one that was read.

        :param path: absolute.
        """
        import sqlite3

        if self._database is None:
            return None
        with self._lock:
            try:
                row = self._database.execute(
                    "select size, mtime_ns, ctime_ns, inode, device, digest, chunks from hashes where path = ?",
                    (os.fsencode(path),),
                ).fetchone()
            except sqlite3.Error:
                return None
        if row is None or tuple(row[:5]) != _identity(stat):
            return None
        return Content(row[5], tuple(row[6].split()))

    def put(self, path: Path, stat: os.stat_result, content: Content) -> None:
        """Remember what was read.

        :param stat: taken before and after reading, and the same both times.
        """
        import sqlite3

        newest = max(stat.st_mtime_ns, stat.st_ctime_ns)
        if self._database is None or time.time_ns() - newest < _RACY_NS:
            return
        with self._lock:
            try:
                self._database.execute(
                    "insert or replace into hashes values (?, ?, ?, ?, ?, ?, ?, ?)",
                    (os.fsencode(path), *_identity(stat), content.digest, " ".join(content.chunks)),
                )
            except sqlite3.Error:
                return

    def close(self) -> None:
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None


def _identity(stat: os.stat_result) -> tuple[int, int, int, int, int]:
    # SQLite's integers are signed.
    return (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino & (2**63 - 1), stat.st_dev & (2**63 - 1))


def _opened(file: Path) -> sqlite3.Connection:
    import sqlite3

    # Each entry is a transaction of its own: a long commit of one process keeps no other from writing.
    database = sqlite3.connect(file, timeout=5, check_same_thread=False, isolation_level=None)
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=off")
    database.execute(_SCHEMA)
    return database
