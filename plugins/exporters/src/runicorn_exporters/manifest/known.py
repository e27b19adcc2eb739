"""Which hash a file had when it was read last, so that an unchanged file is not read again.

An entry counts while size, times and inode are the same, and only where the file had been left alone for two seconds
before it was read: one that is written meanwhile could keep its time.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from runicorn.config import cache_dir

_RACY_NS = 2_000_000_000
_SCHEMA = """
create table if not exists hashes(
    path text primary key, size integer, mtime_ns integer, ctime_ns integer, inode integer, digest text
) without rowid
"""


class KnownHashes:
    """A file in the user's cache folder, one for each root; whatever is wrong with it only costs time. One thread."""

    def __init__(self, root: Path) -> None:
        name = hashlib.sha256(os.fspath(root).encode("utf-8", "surrogateescape")).hexdigest()[:24]
        file = cache_dir() / "manifests" / f"{name}.sqlite"
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

    def get(self, path: str, stat: os.stat_result) -> str | None:
        if self._database is None:
            return None
        try:
            row = self._database.execute(
                "select size, mtime_ns, ctime_ns, inode, digest from hashes where path = ?", (path,)
            ).fetchone()
        except sqlite3.Error:
            return None
        return row[4] if row is not None and tuple(row[:4]) == _identity(stat) else None

    def put(self, path: str, stat: os.stat_result, digest: str) -> None:
        """
        :param stat: taken before and after reading, and the same both times.
        """
        if self._database is None or time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) < _RACY_NS:
            return
        with suppress(sqlite3.Error):
            self._database.execute(
                "insert or replace into hashes values (?, ?, ?, ?, ?, ?)", (path, *_identity(stat), digest)
            )

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _identity(stat: os.stat_result) -> tuple[int, int, int, int]:
    return (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino & (2**63 - 1))


def _opened(file: Path) -> sqlite3.Connection:
    # Each entry is a transaction of its own: a long manifest of one process keeps no other from writing.
    database = sqlite3.connect(file, timeout=5, isolation_level=None)
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=off")
    database.execute(_SCHEMA)
    return database
