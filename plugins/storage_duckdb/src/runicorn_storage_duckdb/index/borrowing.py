"""An index that another process has open, asked through it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, answer_challenge, deliver_challenge
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runicorn.host import boot_id

from ..sql.errors import SqlError
from .place import is_condemned, secret_path
from .progress import Progress
from .wire import PROTOCOL, as_numpy, receive, rows_of, run_of, send

if TYPE_CHECKING:
    import pyarrow as pa
    from runicorn.model.run import RunRef

    from .parts import Array
    from .tracking import Tracked

#: How long the owner may take to say who it is, and to answer: it may be reading a large root for the first time.
_HELLO_S = 2.0
_ANSWER_S = 60.0
#: How long one question waits for the owner's index to be complete.
_LOOK_S = 0.5


def borrow(path: Path) -> BorrowedIndex | None:
    """The index of this file through the process that has it open; None where nobody answers for it."""
    try:
        told = json.loads(secret_path(path).read_bytes())
        if told["protocol"] != PROTOCOL or told["boot_id"] != boot_id() or is_condemned(path):
            return None
        address = told["address"]
        return BorrowedIndex(tuple(address) if isinstance(address, list) else address, bytes.fromhex(told["key"]))
    except (OSError, EOFError, ValueError, KeyError, TypeError, AuthenticationError):
        return None


class _Line:
    """One connection to the owner; one thread at a time."""

    def __init__(self, address: Any, key: bytes) -> None:
        """
        :raises OSError: nobody answers there.
        """
        self._connection: Connection[Any, Any] = Client(address)
        greeted = False
        try:
            if self._connection.poll(_HELLO_S):
                answer_challenge(self._connection, key)
                deliver_challenge(self._connection, key)
                greeted = True
        finally:
            if not greeted:
                self._connection.close()
        if not greeted:
            raise TimeoutError("the owner of the index does not answer")

    def ask(self, act: str, *, patience_s: float = _ANSWER_S, **what: Any) -> tuple[dict[str, Any], pa.Table]:
        """
        :raises OSError: the owner is gone.
        :raises SqlError: a statement cannot be run.
        :raises Unavailable: the owner cannot answer this now.
        """
        send(self._connection, {"act": act, **what})
        head, table = receive(self._connection, patience_s)
        parts: list[pa.Table] = []
        while "more" in head:
            parts.append(table)
            head, table = receive(self._connection, patience_s)
        if head.get("error") == "sql":
            raise SqlError(*head["told"])
        if "error" in head:
            from .index import Unavailable

            raise Unavailable(head["told"])
        return head, _joined([*parts, table]) if parts else table

    def close(self) -> None:
        with suppress(OSError):
            self._connection.close()


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    import pyarrow as pa

    return pa.concat_tables(tables)


class BorrowedIndex:
    """What :class:`Index` is to those who only look. Thread-safe; when its owner is gone, the next one is ours."""

    def __init__(self, address: Any, key: bytes) -> None:
        """
        :raises OSError: nobody answers there.
        """
        self._address, self._key = address, key
        self._lock = threading.Lock()
        self._idle: list[_Line] = []
        self.broken: Exception | None = None
        with self._lent() as line:
            self._told = _progress(line.ask("progress", patience_s=_HELLO_S)[0])
        self.following = _Following(self)
        self.database = _Database(self)

    # --- Asking

    @contextmanager
    def _lent(self) -> Iterator[_Line]:
        """A connection for one thread.

        :raises OSError: the owner is gone.
        """
        with self._lock:
            line = self._idle.pop() if self._idle else None
        line = line or _Line(self._address, self._key)
        try:
            yield line
        except BaseException:
            line.close()  # nobody knows what else is on its way there
            raise
        with self._lock:
            self._idle.append(line)

    @contextmanager
    def line(self) -> Iterator[_Line]:
        """
        :raises Unavailable: the owner is gone, or cannot answer now.
        """
        from .index import Unavailable

        if self.broken is not None:
            raise Unavailable(str(self.broken))
        try:
            with self._lent() as line:
                yield line
        except (OSError, EOFError, AuthenticationError) as error:
            self.broken = error
            raise Unavailable(f"the process that has the index open is gone: {error}") from error

    def ask(self, act: str, **what: Any) -> tuple[dict[str, Any], pa.Table]:
        """:raises Unavailable: see ``line``."""
        with self.line() as line:
            return line.ask(act, **what)

    def sql(
        self, statement: str, values: Sequence[object], *, limit: int | None, timeout_s: float, wait: bool
    ) -> tuple[dict[str, Any], pa.Table]:
        """What ``run_on`` gives: ``truncated``, ``partial``, ``unreadable``, and the rows.

        :raises SqlError: the statement cannot be run.
        :raises Unavailable: the owner is gone, or cannot answer now.
        """
        patience_s = timeout_s + _ANSWER_S
        asked = {"statement": statement, "values": list(values), "limit": limit, "timeout_s": timeout_s, "wait": wait}
        with self.line() as line:
            return line.ask("sql", patience_s=patience_s, **asked)

    # --- What an index does

    @property
    def progress(self) -> Progress:
        from .index import Unavailable

        with suppress(Unavailable):
            self.told(self.ask("progress")[0])
        return self._told

    def told(self, head: dict[str, Any]) -> Progress:
        self._told = _progress(head)
        return self._told

    def holds(self, refs: Sequence[RunRef]) -> bool:
        from .index import Unavailable

        with suppress(Unavailable):
            return bool(self.ask("holds", runs=_named(refs))[0]["holds"])
        return False

    def unreadable(self, refs: Sequence[RunRef]) -> dict[str, str]:
        """See :meth:`Index.unreadable`."""
        reasons: dict[str, str] = self.ask("unreadable", runs=_named(refs))[0]["reasons"]
        return reasons

    @contextmanager
    def fresh(self, refs: Sequence[RunRef]) -> Iterator[dict[str, Tracked]]:
        """See :meth:`Index.fresh`."""
        head, _ = self.ask("fresh", runs=_named(refs))
        yield {folder: run_of(state) for folder, state in head["known"].items()}

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """See :meth:`Index.guarded`."""
        from .index import Unavailable

        try:
            yield
        except KeyError as error:
            raise Unavailable(str(error)) from error

    def close(self) -> None:
        with self._lock:
            for line in self._idle:
                line.close()
            self._idle.clear()

    discard = close


class _Following:
    """How far the owner is."""

    def __init__(self, index: BorrowedIndex) -> None:
        self._index = index

    @property
    def complete(self) -> bool:
        return self._index.progress.complete

    def refresh(self) -> None:
        self._index.told(self._index.ask("refresh", wait=True)[0])

    def begin(self) -> None:
        from .index import Unavailable

        with suppress(Unavailable):
            self._index.ask("refresh", wait=False)

    def wait(self, timeout: float | None = None) -> bool:
        """Until the owner has read every run once. False when the time is over, or the owner gone."""
        from .index import Unavailable

        until = None if timeout is None else time.monotonic() + timeout
        with suppress(Unavailable):
            while True:
                left = _LOOK_S if until is None else min(_LOOK_S, max(0.0, until - time.monotonic()))
                if self._index.told(self._index.ask("wait", timeout=left)[0]).complete:
                    return True
                if until is not None and time.monotonic() >= until:
                    break
        return False


class _Database:
    def __init__(self, index: BorrowedIndex) -> None:
        self._index = index

    @contextmanager
    def reading(self) -> Iterator[_Cursor]:
        """A cursor that sees one state of the owner's index."""
        with self._index.line() as line:
            line.ask("begin")
            yield _Cursor(line)
            line.ask("end")


class _Cursor:
    """As much of DuckDB's as those who look use."""

    def __init__(self, line: _Line) -> None:
        self._line = line
        self._asked: tuple[str, list[Any]] = "", []
        self._table: pa.Table | None = None

    def execute(self, statement: str, values: Sequence[Any] = ()) -> _Cursor:
        self._asked = statement, list(values)
        self._table = None
        if not statement.lstrip().startswith("select"):
            self._fetch(numpy=False)
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        return rows_of(self._fetch(numpy=False))

    def fetchnumpy(self) -> dict[str, Array]:
        return as_numpy(self._fetch(numpy=True))

    def _fetch(self, *, numpy: bool) -> pa.Table:
        statement, values = self._asked
        return self._line.ask("execute", statement=statement, values=values, numpy=numpy)[1]


def _progress(head: dict[str, Any]) -> Progress:
    return Progress(head["runs"], head["read"], head["complete"], head["where"])


def _named(refs: Sequence[RunRef]) -> list[list[str]]:
    return [[ref.id, ref.project, ref.name, ref.folder] for ref in refs]
