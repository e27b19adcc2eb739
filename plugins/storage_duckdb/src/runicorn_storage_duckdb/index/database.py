"""The DuckDB behind an index: bounded, locked down, one writer at a time, a cursor for each reader."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from .place import condemn, is_condemned, places, remove
from .schema import STORAGE_VERSION, TABLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from ..settings import StorageDuckdbSection

#: Long enough for a waiting thread to be woken.
_WAY_S = 0.005
#: How long statements may take to notice that they are interrupted.
_END_S = 10.0
#: What DuckDB may keep of its file when memory is given back: enough for questions that are answered meanwhile.
_KEPT = "32MB"
#: What DuckDB says of a file that somebody else has open ("block" it says of damaged ones).
_TAKEN = re.compile(r"\block\b|already attached|another process")


class Database:
    """An attached index file, or tables in memory. No statement can reach another file, whoever wrote it."""

    def __init__(self, path: Path | None, settings: StorageDuckdbSection) -> None:
        """:raises duckdb.Error: the file is another process's, or cannot be read."""
        self.path = path
        self.writing = threading.RLock()
        self._waiting = 0
        self._memory = settings.memory
        self._counting = threading.RLock()  # a reader that nobody holds any more may end anywhere
        self._reading: set[DuckDBPyConnection] = set()  # cursors of those who read
        self._to_give = False  # memory, once nobody reads
        config: dict[str, Any] = {"memory_limit": settings.memory, "threads": settings.threads}
        self._connection = duckdb.connect(":memory:", config=config)
        try:
            if path is not None:
                quoted = str(path).replace("'", "''")
                self._connection.execute(f"attach '{quoted}' as index_file (storage_version '{STORAGE_VERSION}')")
            self._main = "memory" if path is None else "index_file"
            self._connection.execute(f"use {self._main}")
            self._lock_down(path)
            if not self._connection.execute("select 1 from duckdb_tables() where table_name = 'runs'").fetchall():
                self._connection.execute(f"begin; {TABLES}; commit")
        except BaseException:
            self._connection.close()
            raise
        self._writer = self.cursor()

    def _lock_down(self, path: Path | None) -> None:
        run = self._connection.execute
        spill = "" if path is None else str(path.with_suffix(".spill")).replace("'", "''")
        run(f"set temp_directory = '{spill}'")
        if path is not None:
            run("set max_temp_directory_size = '4GB'")
        run("set python_enable_replacements = false")
        run("set autoinstall_known_extensions = false")
        run("set autoload_known_extensions = false")
        run("set enable_external_access = false")
        with suppress(duckdb.CatalogException):  # before DuckDB 2
            run("set allowed_configs = ['memory_limit']")  # for give_back; statements of others may only select
        run("set lock_configuration = true")

    def give_back(self) -> None:
        """Drop what is kept of the file in memory; whatever is asked for is read again.

        Takes as long as freeing it. Who reads or writes meanwhile would lack memory: it happens when the last reader
        has gone, and not at all while somebody writes.
        """
        with self._counting:  # whoever comes to read waits
            self._to_give = True
            self._give()

    def _give(self) -> None:
        if self._reading or not self._to_give or not self.writing.acquire(blocking=False):
            return
        try:
            self._to_give = False
            self._shrink()
        finally:
            self.writing.release()

    def _shrink(self) -> None:
        with suppress(duckdb.Error), closing(self.cursor()) as cursor:  # it may have been closed meanwhile
            try:
                cursor.execute(f"set memory_limit = '{_KEPT}'")
            finally:
                cursor.execute(f"set memory_limit = '{self._memory}'")

    def turn(self, patience_s: float) -> bool:
        """Take ``writing`` for a reader's sake; False when the time is over."""
        self._waiting += 1
        try:
            return self.writing.acquire(timeout=patience_s)
        finally:
            self._waiting -= 1

    def give_way(self) -> None:
        """Let readers that wait have their turn. Call it without ``writing``: who asks again at once always wins."""
        if self._waiting:
            time.sleep(_WAY_S)

    def cursor(self) -> DuckDBPyConnection:
        """A connection of its own for one thread; close it."""
        cursor = self._connection.cursor()
        cursor.execute(f"use {self._main}")
        return cursor

    @contextmanager
    def reading(self) -> Iterator[DuckDBPyConnection]:
        """A cursor that sees one state of the index."""
        with self.looking() as cursor:
            cursor.execute("begin transaction read only")
            yield cursor

    @contextmanager
    def looking(self) -> Iterator[DuckDBPyConnection]:
        """A cursor; the memory limit stays as it is until it is closed."""
        with self._counting:
            cursor = self.cursor()
            self._reading.add(cursor)
        try:
            yield cursor
        finally:
            cursor.close()
            with self._counting:
                self._reading.discard(cursor)
                self._give()

    @contextmanager
    def transaction(self) -> Iterator[DuckDBPyConnection]:
        """The writing cursor; all of it happens, or nothing. Call it with ``writing`` held."""
        self._writer.execute("begin transaction")
        try:
            yield self._writer
        except BaseException:
            self._writer.execute("rollback")
            raise
        self._writer.execute("commit")

    def close(self) -> None:
        """Statements that run are interrupted."""
        until = time.monotonic() + _END_S
        with self.writing:
            self._writer.close()
            while True:
                with self._counting:  # first: between the rows of a statement nothing keeps the connection open
                    for cursor in self._reading:
                        with suppress(duckdb.ConnectionException):  # just closed
                            cursor.interrupt()
                try:
                    self._connection.close()
                    return
                except duckdb.ResourceInUseException:
                    if time.monotonic() > until:
                        raise
                time.sleep(_WAY_S)


def open_database(root: Path, settings: StorageDuckdbSection) -> Database:
    """The first index file of a root that no other process has; one that cannot be read is made again.

    Where there is no file to be had (no cache folder, too many viewers), the tables are in memory.
    """
    try:
        for path in places(root):
            try:
                database = Database(path, settings)
                if not is_condemned(path):
                    os.utime(path)
                    return database
                database.close()
                remove(path)
            except (duckdb.IOException, duckdb.ResourceInUseException) as error:
                if _is_taken(error):
                    continue
                remove(path)
            except duckdb.Error:
                remove(path)
            return Database(path, settings)
    except (OSError, duckdb.Error):
        pass  # the cache is no place for a file: a full disk, a folder of somebody else
    return Database(None, settings)


def throw_away(path: Path, settings: StorageDuckdbSection) -> bool:
    """Remove an index file.

    :returns: False where another process has it open: whoever opens it next begins anew.
    :raises OSError: it cannot be removed.
    """
    try:
        Database(path, settings).close()
    except duckdb.Error as error:
        if _is_taken(error):
            condemn(path)
            return False
    remove(path)
    return True


def _is_taken(error: duckdb.Error) -> bool:
    return _TAKEN.search(str(error)) is not None
