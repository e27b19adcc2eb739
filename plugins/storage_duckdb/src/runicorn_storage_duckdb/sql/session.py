"""One statement over the runs of a root."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
from attrs import frozen
from runicorn.errors import StorageError
from runicorn.hooks import plugin_section

from ..index.borrowing import BorrowedIndex
from ..index.index import Index, Unavailable
from ..index.streaming import batches
from ..settings import StorageDuckdbSection
from .contributed import add_views
from .errors import SqlError, sql_error
from .views import READ, fill, make_views
from .wanted import wanted_runs

if TYPE_CHECKING:
    from runicorn.contracts import Store

    from ..hybrid_store import HybridStore

#: A statement that just begins takes no notice of being interrupted: it is interrupted again after this time.
_AGAIN_S = 0.02
#: What DuckDB makes of Ctrl-C.
_STOPPED = "Query interrupted"
#: What DuckDB says of its file, or of itself, and not of a statement.
_DAMAGED = re.compile("Corrupt database|INTERNAL Error|FATAL Error")
#: What may be run, also WITH, FROM, DESCRIBE and SHOW TABLES: it can only look.
_ALLOWED = duckdb.StatementType.SELECT
#: EXPLAIN and its options, with comments before and between.
_EXPLAIN = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*explain\b(?:\s*\([^)]*\)|\s+analyze\b)?", re.IGNORECASE | re.DOTALL)


@frozen
class SqlRows:
    """What a statement gave."""

    table: pa.Table
    truncated: bool  # there are more rows than were asked for
    partial: bool  # not every run has been read yet
    unreadable: Mapping[str, str]  # runs whose points are missing, or not all there, by folder: why


def run_sql(
    store: HybridStore,
    statement: str,
    parameters: Sequence[object] = (),
    *,
    limit: int | None = None,
    timeout_s: float | None = None,
    complete: bool = True,
) -> SqlRows:
    """The rows of one SELECT over the views.

    :param timeout_s: how long it may run; None = as configured.
    :param complete: wait until the index has read every run; else it answers from what it has.
    :raises SqlError: it cannot be run, or took too long; line and column stand in it.
    :raises StorageError: there can be no index.
    """
    section = plugin_section("storage-duckdb", StorageDuckdbSection)
    allowed_s = section.sql_timeout if timeout_s is None else timeout_s
    parameters = [_plain(value) for value in parameters]
    for last in (False, True):
        index = store.whole_index() if complete else store.index()
        if index is None:
            break
        try:
            if isinstance(index, BorrowedIndex):
                told, table = index.sql(statement, parameters, limit=limit, timeout_s=allowed_s, wait=not complete)
                return SqlRows(table, **told)
            assert isinstance(index, Index)
            if not complete:
                index.following.refresh()
            with index.guarded():
                return run_on(index, store, statement, parameters, limit=limit, timeout_s=allowed_s)
        except Unavailable as error:  # it is damaged, or the process that had it open has ended: the next one is ours
            if last:
                raise StorageError("SQL", str(store.root), str(error)) from error
    raise StorageError("SQL", str(store.root), "the index cannot be opened (runicorn --debug shows why)")


def _plain(value: Any) -> Any:
    """What numpy, pandas or torch hold, as Python's own numbers and lists."""
    return value.tolist() if hasattr(value, "dtype") and hasattr(value, "tolist") else value


def run_on(
    index: Index,
    files: Store,
    statement: str,
    parameters: Sequence[object],
    *,
    limit: int | None,
    timeout_s: float,
    part: Callable[[pa.Table], None] | None = None,
) -> SqlRows:
    """The same on an index that this process has open.

    :param files: whose logs and system metrics are read.
    :param part: takes the rows as they are found; those of the answer are none, then.
    :raises duckdb.Error: the index is damaged.
    """
    section = plugin_section("storage-duckdb", StorageDuckdbSection)
    with _prepared(index, files, statement, parameters) as cursor:
        over, ended = threading.Event(), threading.Event()

        def stop() -> None:
            if ended.wait(timeout_s):
                return
            over.set()
            cursor.interrupt()
            while not ended.wait(_AGAIN_S):
                cursor.interrupt()

        timer = threading.Thread(target=stop, name="runicorn-sql-timer", daemon=True)
        timer.start()
        try:
            table, truncated = _rows(cursor.sql(statement, params=list(parameters)), limit, part)
            return SqlRows(table, truncated, not index.following.complete, dict(index.writer.unreadable))
        except duckdb.InterruptException as error:
            if not over.is_set():
                raise  # somebody closes the index
            raise SqlError(f"it took longer than {timeout_s:g} s (storage-duckdb.sql_timeout)") from error
        except duckdb.OutOfMemoryException as error:
            raise SqlError(f"it needs more memory than {section.memory} (storage-duckdb.memory)") from error
        except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as error:
            raise sql_error(_with_place(cursor, statement, parameters) or str(error), statement) from error
        except duckdb.Error as error:
            if _DAMAGED.match(str(error)):
                raise  # for whoever guards the index
            raise sql_error(str(error), statement) from error
        except RuntimeError as error:
            if str(error) == _STOPPED:
                raise KeyboardInterrupt from error
            raise
        finally:
            ended.set()
            timer.join()


def _with_place(cursor: Any, statement: str, parameters: Sequence[object]) -> str | None:
    """The same message with the place drawn, which only the other way to run a statement tells."""
    try:
        cursor.rollback()
        cursor.begin()
        cursor.execute(statement, list(parameters))
    except duckdb.Error as error:
        return str(error)
    return None


def _rows(result: Any, limit: int | None, part: Callable[[pa.Table], None] | None) -> tuple[pa.Table, bool]:
    schema, found = batches(result)
    names = _told_apart(schema.names)
    taken: list[pa.Table] = []
    rows, truncated = 0, False
    for batch in found:
        if limit is not None and rows + batch.num_rows > limit:
            batch, truncated = batch.slice(0, limit - rows), True
        rows += batch.num_rows
        (part or taken.append)(pa.Table.from_batches([batch]).rename_columns(names))
        if truncated:
            break
    return pa.concat_tables([*taken, schema.empty_table().rename_columns(names)]), truncated


def _told_apart(names: Sequence[str]) -> list[str]:
    """Columns of one name as ``run``, ``run_1``: an object of JSON, and most readers of tables, have each name once."""
    found: dict[str, None] = {}
    for name in names:
        number, own = 0, name
        while own in found or (number and own in names):
            number += 1
            own = f"{name}_{number}"
        found[own] = None
    return list(found)


@contextmanager
def _prepared(index: Index, files: Store, statement: str, parameters: Sequence[object]) -> Iterator[Any]:
    """A connection with the views that the statement needs.

    :raises SqlError: it is not one statement that only looks.
    """
    with index.database.looking() as cursor:
        main = "memory.main" if index.database.path is None else "index_file.main"
        there = make_views(cursor, main)
        _check(cursor, statement)
        add_views(cursor, files.root, there, statement)
        for name in READ:
            if re.search(rf"\b{name}\b", statement, re.IGNORECASE):
                fill(cursor, files, name, wanted_runs(cursor, name, READ[name], main, statement, parameters))
        cursor.execute("begin transaction read only")
        yield cursor


def _check(cursor: Any, statement: str) -> None:
    """One statement that can only look, or the EXPLAIN of one.

    :raises SqlError: it is something else.
    """
    try:
        statements = cursor.extract_statements(statement)
    except duckdb.Error as error:
        raise sql_error(str(error), statement) from error
    if len(statements) != 1:
        raise SqlError(f"there must be exactly one, not {len(statements)}")
    if statements[0].type == duckdb.StatementType.EXPLAIN and (explain := _EXPLAIN.match(statement)):
        _check(cursor, statement[explain.end() :])  # EXPLAIN ANALYZE runs it
    elif statements[0].type != _ALLOWED:
        raise SqlError(f"only SELECT may be used here, not {statements[0].type.name}")
