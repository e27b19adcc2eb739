"""Answering other processes of the same user from an index that this one has open: DuckDB lets no second one in.

The owner listens on a socket in its cache folder (where a path is too long for one, on this machine's loopback) and
says where, with a secret, in a file that only its user can read. What others ask is only looked up: each question runs
in a transaction that cannot write, on a database that reaches no other file.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
from runicorn.host import boot_id
from runicorn.model.run import RunRef

from ..sql.errors import SqlError
from .index import Unavailable
from .place import secret_path
from .streaming import batches
from .wire import PROTOCOL, as_table, receive, send, state_of

if TYPE_CHECKING:
    from .index import Index

_log = logging.getLogger("runicorn.index")
#: Of a path of a socket.
_LONGEST = 100
#: Other processes at one time; more make indexes of their own.
_MOST = 32
_WAITING = 16
#: How long the threads of guests may take to end, all of them together.
_END_S = 5.0


class Lending:
    """Listens from its making to ``stop``. Threads of its own; errors of one guest are told to that guest."""

    def __init__(self, index: Index, path: Path) -> None:
        """
        :param path: the index file.
        :raises OSError: there can be no socket.
        """
        self._index = index
        self._owner = secret_path(path)
        self._key = os.urandom(32)
        self._guests: dict[Connection[Any, Any], threading.Thread] = {}
        self._lock = threading.Lock()
        place = path.with_suffix(".sock")
        if os.name != "nt" and len(os.fsencode(place)) <= _LONGEST:
            place.unlink(missing_ok=True)  # of a process that was killed: the file itself is ours alone
            self._listener = Listener(str(place), "AF_UNIX", _WAITING)
            place.chmod(0o600)
        else:
            self._listener = Listener(("127.0.0.1", 0), "AF_INET", _WAITING)
        self._tell()
        threading.Thread(target=self._accept, name="runicorn-lending", daemon=True).start()

    def _tell(self) -> None:
        beside = self._owner.with_name(f"{self._owner.name}.{os.getpid()}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        told = {"protocol": PROTOCOL, "address": self._listener.address, "key": self._key.hex(), "boot_id": boot_id()}
        with open(descriptor, "w", encoding="ascii") as file:
            json.dump(told, file)
        beside.replace(self._owner)

    def stop(self) -> None:
        """Nobody is answered any more; statements of guests run on until the database is closed."""
        self._owner.unlink(missing_ok=True)
        self._listener.close()
        with self._lock:
            for guest in self._guests:
                _hang_up(guest)

    def wait(self) -> None:
        """For the threads of guests, once the database is closed: one that is still inside of DuckDB when the
        interpreter ends aborts the process."""
        with self._lock:
            threads = list(self._guests.values())
        until = time.monotonic() + _END_S
        for thread in threads:
            if thread is not threading.current_thread() and thread.ident is not None:
                thread.join(max(0.0, until - time.monotonic()))

    def _accept(self) -> None:
        while True:
            try:
                guest = self._listener.accept()
            except OSError:
                return  # it was closed
            with self._lock:
                if len(self._guests) >= _MOST:
                    guest.close()
                    continue
                thread = threading.Thread(target=self._serve, args=(guest,), name="runicorn-guest", daemon=True)
                self._guests[guest] = thread
            thread.start()

    def _serve(self, guest: Connection[Any, Any]) -> None:
        try:
            deliver_challenge(guest, self._key)
            answer_challenge(guest, self._key)
            _Guest(self._index, guest).serve()
        except Exception as error:  # noqa: BLE001 (gone in the middle of a word, or no guest of ours at all)
            _log.debug("a guest of the index has left: %s", error)
        finally:
            with self._lock:
                self._guests.pop(guest, None)
            with suppress(OSError):
                guest.close()


def _hang_up(guest: Connection[Any, Any]) -> None:
    """Whoever waits for a word of the guest wakes up, which closing alone does not do."""
    with suppress(OSError):
        line = socket.socket(fileno=guest.fileno())
        try:
            line.shutdown(socket.SHUT_RDWR)
        finally:
            line.detach()


class _Guest:
    """One connection: one question after the other, statements in one transaction from ``begin`` on."""

    def __init__(self, index: Index, connection: Connection[Any, Any]) -> None:
        self._index, self._connection = index, connection
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._reading = ExitStack()
        self._acts: Mapping[str, Callable[..., tuple[dict[str, Any], Any]]] = {
            "progress": self._progress, "refresh": self._refresh, "wait": self._wait, "holds": self._holds,
            "fresh": self._fresh, "unreadable": self._unreadable, "begin": self._begin, "execute": self._execute,
            "end": self._end, "sql": self._sql,
        }  # fmt: skip

    def serve(self) -> None:
        """
        :raises OSError: the guest is gone.
        """
        try:
            while True:
                asked, _ = receive(self._connection)
                with self._told():
                    head, table = self._acts[asked.pop("act")](**asked)
                    send(self._connection, head, table)
        finally:
            self._end()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors inside are the guest's answer."""
        try:
            yield
        except SqlError as error:
            send(self._connection, {"error": "sql", "told": [error.reason, error.line, error.column]})
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 (the guest reads the files then)
            send(self._connection, {"error": "unavailable", "told": f"{type(error).__name__}: {error}"})

    def _progress(self) -> tuple[dict[str, Any], None]:
        told = self._index.progress
        return {"runs": told.runs, "read": told.read, "complete": told.complete, "where": told.where}, None

    def _refresh(self, wait: bool) -> tuple[dict[str, Any], None]:
        if wait:
            self._index.following.refresh()
        else:
            self._index.following.begin()
        return self._progress()

    def _wait(self, timeout: float) -> tuple[dict[str, Any], None]:
        self._index.following.wait(timeout)
        if self._index.broken is not None:
            raise Unavailable(str(self._index.broken))
        return self._progress()

    def _holds(self, runs: list[list[str]]) -> tuple[dict[str, Any], None]:
        return {"holds": self._index.holds([RunRef(*run) for run in runs])}, None

    def _unreadable(self, runs: list[list[str]]) -> tuple[dict[str, Any], None]:
        return {"reasons": self._index.unreadable([RunRef(*run) for run in runs])}, None

    def _fresh(self, runs: list[list[str]]) -> tuple[dict[str, Any], None]:
        with self._index.fresh([RunRef(*run) for run in runs]) as known:
            return {"known": {folder: state_of(run) for folder, run in known.items()}}, None

    def _begin(self) -> tuple[dict[str, Any], None]:
        self._end()
        self._cursor = self._reading.enter_context(self._index.database.reading())
        return {}, None

    def _execute(self, statement: str, values: list[Any], numpy: bool) -> tuple[dict[str, Any], Any]:
        assert self._cursor is not None
        with self._index.guarded():
            if numpy:
                return {}, as_table(self._cursor.execute(statement, values).fetchnumpy())
            found = self._cursor.sql(statement, params=values)  # None: it gives no rows
            if found is None:
                return {}, None
            schema, rows = batches(found)
            return {}, pa.Table.from_batches(rows, schema)

    def _end(self) -> tuple[dict[str, Any], None]:
        self._cursor = None
        self._reading.close()
        return {}, None

    def _sql(
        self, statement: str, values: list[Any], limit: int | None, timeout_s: float, wait: bool
    ) -> tuple[dict[str, Any], Any]:
        from ..sql.session import run_on

        if wait:
            self._index.following.refresh()

        def part(rows: pa.Table) -> None:
            send(self._connection, {"more": True}, rows)

        with self._index.guarded():  # all rows at once are for the memory of who asks
            found = run_on(
                self._index, self._index.writer.files, statement, values, limit=limit, timeout_s=timeout_s, part=part
            )
        told = {"truncated": found.truncated, "partial": found.partial, "unreadable": dict(found.unreadable)}
        return told, found.table
