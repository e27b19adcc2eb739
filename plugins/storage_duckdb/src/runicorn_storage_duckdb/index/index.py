"""The index of one root: opened by whoever asks first, shared by a process's stores, made again on any doubt."""

from __future__ import annotations

import atexit
import logging
import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from .database import Database, open_database
from .following import Following
from .place import places, remove, secret_path
from .progress import Progress
from .writer import Writer

if TYPE_CHECKING:
    from runicorn.contracts import Store
    from runicorn.model.run import RunRef

    from ..settings import StorageDuckdbSection
    from .lending import Lending
    from .looking import LookIndex
    from .tracking import Tracked

_log = logging.getLogger("runicorn.index")
#: How long a reader waits for its turn to bring its own runs in, before the files answer.
_TURN_S = 0.2
#: The same where the index has read these runs before: reading a million points from files takes longer than its turn.
_HELD_S = 5.0
#: What DuckDB says, in the system's words, where its file cannot be written: the next index is in memory.
_NO_ROOM = re.compile("space|quota|too large|read-only file|input/output", re.IGNORECASE)
#: So many indexes of a root in a row may end before they have read every run; then the files answer for a while.
_TRIES = 3
#: A command that is over sooner lends its index to nobody.
_LEND_AFTER_S = 0.5


class Unavailable(Exception):
    """The index cannot answer this now: the files do."""


class Index:
    """Thread-safe. What goes wrong inside ends this index, and the next one begins from nothing."""

    def __init__(
        self, files: Store, settings: StorageDuckdbSection, rebuilt: str = "", *, in_memory: bool = False
    ) -> None:
        self._rebuilt = rebuilt
        self._closing, self._closed = threading.Lock(), False
        self.broken: Exception | None = None
        self._lending: Lending | None = None
        self.database: Database = Database(None, settings) if in_memory else open_database(files.root, settings)
        try:
            self.writer = Writer(self.database, files)
        except (duckdb.Error, ValueError, KeyError, TypeError) as error:
            self._rebuilt = f"{type(error).__name__}: {error}"
            self._throw_away()
            self.database = open_database(files.root, settings)
            self.writer = Writer(self.database, files)
        self.following = Following(files, self.database, self.writer, self._fail)
        self._lend_soon = threading.Timer(_LEND_AFTER_S, self._lend)
        self._lend_soon.daemon = True
        if self.database.path is not None:
            self._lend_soon.start()

    def _lend(self) -> None:
        """Let other processes ask: they cannot open the file."""
        from .lending import Lending

        path = self.database.path
        assert path is not None
        try:
            lending = Lending(self, path)
        except OSError as error:
            _log.info("other processes make an index of their own: %s", error)
            return
        with self._closing:
            if not self._closed:
                self._lending = lending
                return
        lending.stop()

    def _stop_lending(self) -> None:
        self._lend_soon.cancel()
        with self._closing:
            self._closed = True
        if self._lending is not None:
            self._lending.stop()

    @property
    def progress(self) -> Progress:
        path = self.database.path
        following = self.following
        where = "memory" if path is None else str(path)
        return Progress(following.runs, following.read, following.complete, where, self._rebuilt)

    def holds(self, refs: Sequence[RunRef]) -> bool:
        """Whether these runs have been read, be it some time ago."""
        known = self.writer.known
        return all((run := known.get(ref.folder)) is not None and run.was_read for ref in refs)

    def unreadable(self, refs: Sequence[RunRef]) -> dict[str, str]:
        """Which of these runs are not, or not wholly, in the tables, by folder: why."""
        reasons = self.writer.unreadable
        return {ref.folder: reason for ref in refs if (reason := reasons.get(ref.folder)) is not None}

    @contextmanager
    def fresh(self, refs: Sequence[RunRef]) -> Iterator[dict[str, Tracked]]:
        """What the index knows of runs, up to their last whole line, by their folder.

        :raises Unavailable: something cannot be read, or the index is busy making itself.
        """
        with self.guarded():
            if not self.database.turn(_HELD_S if self.holds(refs) else _TURN_S):
                raise Unavailable("the index is being made")
            try:
                self._bring_in(refs)
                for ref in refs:
                    if ref.folder in self.writer.unreadable:
                        raise Unavailable("a run cannot be read")  # the files say why
                known = {ref.folder: self.writer.known[ref.folder].copy() for ref in refs}
            finally:
                self.database.writing.release()
            yield known

    def _bring_in(self, refs: Sequence[RunRef]) -> None:
        unknown = [ref for ref in refs if ref.folder not in self.writer.known]
        if unknown:
            self.writer.describe([self.writer.files.open_run(ref).record for ref in unknown])
        if any(ref.folder not in self.writer.known for ref in refs):
            raise Unavailable("a run is gone")
        done = 0
        while done < len(refs):
            done += self.writer.follow(refs[done:])

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Errors of the index inside end it.

        :raises Unavailable: one did, or the index had ended before.
        """
        if self.broken is not None:
            raise Unavailable(str(self.broken))
        try:
            yield
        except (duckdb.OutOfMemoryException, duckdb.InterruptException, KeyError) as error:
            raise Unavailable(str(error)) from error  # too much was asked, or a run went away meanwhile
        except duckdb.Error as error:
            if not self._closed:  # else whoever closed it did not wait for us
                self._fail(error)
            raise Unavailable(str(error)) from error

    def _fail(self, error: Exception) -> None:
        if self.broken is None:
            self.broken = error
            if self._lending is not None:
                self._lending.stop()  # others make one of their own
            if os.environ.get("RUNICORN_PLUGINS_STRICT") == "1":
                raise error  # tests are told what everybody else is spared
            _log.warning("the index is made again: %s: %s", type(error).__name__, error)

    def close(self) -> None:
        self._stop_lending()
        self.following.stop()
        self._close_database()

    def _close_database(self) -> None:
        self.database.close()
        if self._lending is not None:
            self._lending.wait()

    def discard(self) -> None:
        """Close it and remove its file."""
        self._stop_lending()
        self.following.stop()
        self._throw_away()

    def _throw_away(self) -> None:
        path: Path | None = self.database.path
        self._close_database()
        if path is not None:
            try:
                remove(path)
            except OSError as error:
                _log.warning("the index %s cannot be removed: %s", path, error)


class Shared:
    """The indexes of this process, one for each root, counted by the stores that use them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._indexes: dict[Path, tuple[LookIndex, set[int]]] = {}
        self._failures: dict[Path, int] = {}
        atexit.register(self._leave_all)  # before the interpreter takes the ground from under a writing thread
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        """A child asks through its parent, or has an index of its own. What it inherits has no threads here, and a file
        that is another process's: it is never closed, not even by the interpreter's end."""
        import ctypes

        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._indexes))
        self._lock, self._indexes, self._failures = threading.Lock(), {}, {}

    def take(self, files: Store, settings: StorageDuckdbSection, user: int) -> LookIndex:
        """The index of the root of ``files``: the one that another process has open, where it lets us ask.

        :param user: who uses it, for :meth:`leave`.
        :raises Exception: there can be none now, for whatever reason.
        """
        root = files.root.resolve()
        with self._lock:
            index, users = self._indexes.get(root, (None, set[int]()))
            if index is not None and index.broken is not None:
                del self._indexes[root]
                index = self._another(index, root, files, settings)
            elif index is None:
                index = _borrowed(root) or Index(files, settings)
            users.add(user)
            self._indexes[root] = index, users
            return index

    def _another(self, index: LookIndex, root: Path, files: Store, settings: StorageDuckdbSection) -> LookIndex:
        broken = index.broken
        assert broken is not None
        if not isinstance(index, Index):  # its owner is gone; nothing is wrong with the file
            index.close()
            return _borrowed(root) or Index(files, settings)
        failures = 1 if index.following.complete else self._failures.get(root, 0) + 1
        index.discard()
        if failures >= _TRIES:
            self._failures.pop(root, None)
            raise broken
        self._failures[root] = failures
        return Index(files, settings, str(broken), in_memory=bool(_NO_ROOM.search(str(broken))))

    def leave(self, root: Path, user: int) -> None:
        with self._lock:
            index, users = self._indexes.get(root.resolve(), (None, set[int]()))
            users.discard(user)
            if index is not None and not users:
                del self._indexes[root.resolve()]
                index.close()

    def _leave_all(self) -> None:
        with self._lock:
            for index, _ in self._indexes.values():
                index.close()
            self._indexes.clear()


def _borrowed(root: Path) -> LookIndex | None:
    try:
        lent = [path for path in places(root) if secret_path(path).exists()]
    except OSError:
        return None  # no cache folder
    if not lent:
        return None
    from .borrowing import borrow

    return next((index for path in lent if (index := borrow(path)) is not None), None)


shared = Shared()
