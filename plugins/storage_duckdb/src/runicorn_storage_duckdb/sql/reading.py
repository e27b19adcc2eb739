"""``rn.open(root)`` and ``rn.query(sql)``: runs and what they logged as Arrow tables, for notebooks and scripts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from attrs import asdict
from runicorn.config import load_config
from runicorn.filters import (
    as_list,
    choose_runs,
    parse_columns,
    parse_for,
    parse_order,
    query_runs,
    unknown_fields,
    with_hints,
)
from runicorn.hooks import find_run
from runicorn.hooks import open_root as open_place
from runicorn.model.query import RunQuery

from ..hybrid_backend import HybridStorageBackend
from .columns import column_of
from .session import SqlRows, run_sql
from .writing import told

if TYPE_CHECKING:
    from runicorn.model.query import Condition
    from runicorn.model.stream import LogLine
    from runicorn.types import PathLike

    from ..hybrid_store import HybridStore

_COLUMNS = (
    "run,path,project,name,display_name,status,created_at,ended_at,duration_s,host,tags,note,pinned,archived,"
    "best,best_metric"
)


def open_store(root: PathLike | None = None) -> HybridStore:
    """A root with an index, whichever backend is configured."""
    storage = load_config().storage
    where, backend = storage.root if root is None else root, HybridStorageBackend()
    return open_place(where, lambda folder: backend.open_store(folder, asdict(storage)))


def open_root(root: PathLike | None = None) -> Runs:
    """Open a storage root for reading.

    :param root: a folder, or an address such as ``ssh://host/~/runs``; None = what the configuration says.
    """
    return Runs(open_store(root))


def query(statement: str, *parameters: object, root: PathLike | None = None) -> pa.Table:
    """The rows of one SELECT over the runs of a root (see ``docs/query.md`` for the views).

    :param parameters: the values of its question marks.
    :param root: a folder; None = what the configuration says.
    :raises ValueError: the statement cannot be run; the error says where.
    """
    with open_root(root) as runs:
        return runs.sql(statement, *parameters)


class Runs:
    """The runs below a root. Everything comes as ``pyarrow.Table``: ``.to_pandas()``, ``polars.from_arrow(...)``.

    Close it, or use it as ``with``; what it gave stays.
    """

    def __init__(self, store: HybridStore) -> None:
        self._store = store

    def __enter__(self) -> Runs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<runs below {self._store.root}>"

    @property
    def root(self) -> Path:
        return self._store.root

    def close(self) -> None:
        self._store.close()

    def runs(
        self,
        filter: str = "",
        *,
        columns: str | Sequence[str] = _COLUMNS,
        order_by: str = "",
        limit: int | None = None,
        deleted: bool | None = False,
    ) -> pa.Table:
        """One row for each run that a filter chooses, newest first.

        :param columns: fields, as a list or with commas: ``params.lr``, ``summary.acc``, ``metrics.val/acc.max``.
        :param order_by: ``metrics.val/acc.max,-created_at``: fields with commas, a minus for descending.
        :param deleted: False = without the recycle bin, True = only it, None = both.
        :raises FilterError: a filter, field or order that means nothing.
        """
        listed = columns if isinstance(columns, str) else ",".join(columns)
        fields = with_hints(self._store, lambda known: parse_columns(listed, known=known))
        order = with_hints(self._store, lambda known: parse_order(order_by, known=known))
        asked = RunQuery(parse_for(self._store, filter), order, fields, deleted=deleted, limit=limit)
        self._read_all()
        page = query_runs(self._store, asked)
        if not page.refs and limit != 0:
            self._tell_unknown(asked.where)
        return pa.table({name: column_of(as_list(column)) for name, column in page.columns.items()})

    def metrics(
        self,
        runs: str | Sequence[str] | None = None,
        keys: str | Sequence[str] | None = None,
        *,
        filter: str | None = None,
    ) -> pa.Table:
        """One row for each value that was logged: run, folder, key, step, ts, value, stage; as logged, in that order.

        :param runs: ids (or beginnings, names, folders); None = all, or those of the filter.
        :param keys: metrics; None = all.
        """
        return self._rows(
            "metrics", runs, keys, filter, "run, folder, key, step, ts, value, stage", "folder, key, record"
        )

    def series(
        self,
        runs: str | Sequence[str] | None = None,
        keys: str | Sequence[str] | None = None,
        *,
        filter: str | None = None,
    ) -> pa.Table:
        """One row for each run and metric: n, last, min, max, mean, their steps, counts of NaN and infinities."""
        return self._rows("series", runs, keys, filter, "*", "folder, key")

    def params(self, runs: str | Sequence[str] | None = None, *, filter: str | None = None) -> pa.Table:
        """One row for each run and hyper-parameter: its text, and its number where it is one."""
        return self._rows("params", runs, None, filter, "*", "folder, key")

    def summaries(self, runs: str | Sequence[str] | None = None, *, filter: str | None = None) -> pa.Table:
        """One row for each run and value of its summary."""
        return self._rows("summaries", runs, None, filter, "*", "folder, key")

    def logs(self, run: str) -> pa.Table:
        """The log lines of one run: n, ts, stream, level, text."""
        reader = self._store.open_run(find_run(self._store, run).ref)
        offset = 0
        lines: list[LogLine] = []
        while True:
            page = reader.logs(offset, 10_000)
            lines += page.lines
            if not page.lines or page.next_offset >= page.size:
                break
            offset = page.next_offset
        return pa.table(
            {
                "n": pa.array([line.n for line in lines], pa.int64()),
                "ts": pa.array([line.time for line in lines], pa.float64()),
                "stream": pa.array([line.stream for line in lines], pa.string()),
                "level": pa.array([line.level for line in lines], pa.string()),
                "text": pa.array([line.text for line in lines], pa.string()),
            }
        )

    def sql(self, statement: str, *parameters: object) -> pa.Table:
        """The rows of one SELECT over the views.

        :raises ValueError: the statement cannot be run; the error says where.
        """
        return self._found(run_sql(self._store, statement, parameters))

    def _found(self, rows: SqlRows) -> pa.Table:
        if rows.unreadable:
            import warnings

            warnings.warn(told(rows.unreadable), stacklevel=4)
        return rows.table

    def _read_all(self) -> None:
        """Answers are complete: the index has read every run before."""
        if self._store.index_for() is not None:
            self._store.whole_index()

    def _tell_unknown(self, condition: Condition | None) -> None:
        import warnings

        for unknown in unknown_fields(self._store, condition):
            warnings.warn(str(unknown), stacklevel=3)

    def _rows(self, view: str, runs: Any, keys: Any, filter: str | None, columns: str, order: str) -> pa.Table:
        conditions, values = ["true"], []
        folders = self._folders(runs, filter)
        if folders is not None:
            conditions.append("list_contains(?::varchar[], folder)")
            values.append(folders)
        if keys is not None:
            conditions.append("list_contains(?::varchar[], key)")
            values.append([keys] if isinstance(keys, str) else list(keys))
        statement = f"select {columns} from {view} where {' and '.join(conditions)} order by {order}"  # noqa: S608 (our own words)
        return self._found(run_sql(self._store, statement, values))

    def _folders(self, runs: str | Sequence[str] | None, filter: str | None) -> list[str] | None:
        named = None if runs is None else [runs] if isinstance(runs, str) else list(runs)
        found = None if named is None else [find_run(self._store, name).ref.folder for name in named]
        if filter is None:
            return found
        chosen = [record.ref.folder for record in choose_runs(self._store, filter)]
        return chosen if found is None else [folder for folder in chosen if folder in set(found)]
