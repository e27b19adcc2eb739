"""Lists of runs from the index: which, in which order, with which columns."""

# ruff: noqa: S608 (names of our own; every value of a filter is a parameter)
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from runicorn.filters import SqlCompiler, SqlNames, fields_of, name_of
from runicorn.model.query import RUN_FIELDS, Field, RunPage, RunQuery
from runicorn.model.run import RunRef

from .pairs import listed as listed_ids

if TYPE_CHECKING:
    from .looking import LookCursor, LookIndex

_FIELDS = {name: f'r."{"folder" if name == "path" else name}"' for name in RUN_FIELDS}
_NO_KEY = -1
#: Quicker than a list of numbers in the statement.
_AMONG = "in (select unnest(?::integer[]))"
_K = TypeVar("_K", int, str)


def query_runs(index: LookIndex, query: RunQuery) -> RunPage:
    """See ``QueryStore.query_runs``.

    :raises Unavailable: the files have to answer.
    """
    with index.guarded():
        index.following.refresh()
    with index.guarded(), index.database.reading() as cursor:
        progress = index.progress
        keys = _keys(cursor, query)
        names = SqlNames(key_of_run="r.id", fields=_FIELDS, series_key=lambda key: keys.get(key, _NO_KEY))
        compiler = SqlCompiler(names, now=query.now, texts=_texts(cursor))
        where, values = _where(compiler, query)
        (joins, join_values), order = compiler.order_by(query.order_by)
        limit = "" if query.limit is None else f" limit {int(query.limit)}"
        rows = cursor.execute(
            f"select r.id, count(*) over () from runs r{joins} where {where} order by {order}{limit}"
            f" offset {int(query.offset)}",
            [*join_values, *values],
        ).fetchall()
        if rows:
            total = rows[0][1]
        else:
            total = cursor.execute(f"select count(*) from runs r where {where}", values).fetchall()[0][0]
        refs, columns = _page(cursor, [run for run, _ in rows], query.columns, keys)
    return RunPage(
        refs=refs,
        columns=columns,
        total=total,
        partial=not progress.complete,
        indexed=None if progress.complete else progress.read,
        unreadable=index.unreadable(refs),
    )


def _keys(cursor: LookCursor, query: RunQuery) -> Mapping[str, int]:
    """The numbers of the metrics that a query names."""
    fields = [*query.columns, *(order.field for order in query.order_by), *fields_of(query.where)]
    names = sorted({key for field in fields if field.kind == "metrics" for key in field.keys})
    if not names:
        return {}
    found = cursor.execute("select name, id from keys where name in (select unnest(?::varchar[]))", [names])
    return dict(found.fetchall())


def _texts(cursor: LookCursor) -> Callable[[str, Sequence[object]], Iterable[str]]:
    def texts(sql: str, values: Sequence[object]) -> Iterable[str]:
        return [text for (text,) in cursor.execute(sql, list(values)).fetchall()]

    return texts


def _where(compiler: SqlCompiler, query: RunQuery) -> tuple[str, list[object]]:
    where, values = compiler.where(query.where)
    parts = [where]
    values = list(values)
    for column, wanted in (("project", query.project), ("name", query.name)):
        if wanted is not None:
            parts.append(f"r.{column} = ?")
            values.append(wanted)
    for column, flag in (("deleted", query.deleted), ("archived", query.archived)):
        if flag is not None:
            parts.append(f"r.{column}" if flag else f"not r.{column}")
    return " and ".join(parts), values


def _page(
    cursor: LookCursor, ids: Sequence[int], fields: Sequence[Field], keys: Mapping[str, int]
) -> tuple[Sequence[RunRef], Mapping[str, Sequence[object]]]:
    """Which runs these are, and their cells, read once for each table."""
    own = [field for field in fields if field.kind == "run"]
    listed = ", ".join(["r.id", "r.run", "r.project", "r.name", "r.folder", *(_FIELDS[field.key] for field in own)])
    rows = {row[0]: row for row in cursor.execute(f"select {listed} from runs r where r.id {_AMONG}", [ids]).fetchall()}
    refs = [RunRef(*rows[run][1:5]) for run in ids]
    cells: dict[str, Sequence[object]] = {
        name_of(field): [_held(rows[run][place]) for run in ids] for place, field in enumerate(own, 5)
    }
    for kind, table in (("params", "params"), ("summary", "summaries")):
        keyed = [field for field in fields if field.kind == kind]
        if keyed:
            cells |= _values(cursor, ids, keyed, table)
    metrics = [field for field in fields if field.kind == "metrics"]
    if metrics:
        cells |= _figures(cursor, ids, metrics, keys)
    return refs, {name: cells[name] for name in map(name_of, fields)}


def _values(
    cursor: LookCursor, ids: Sequence[int], fields: Sequence[Field], table: str
) -> Mapping[str, Sequence[object]]:
    names = sorted({key for field in fields for key in field.keys})
    rows = cursor.execute(
        f"select run, key, value, number from {table} where run {_AMONG} and key in (select unnest(?::varchar[]))",
        [ids, names],
    ).fetchall()
    found = {(run, key): _cell(value, number) for run, key, value, number in rows}
    return {name_of(field): _column(ids, field.keys, found) for field in fields}


def _figures(
    cursor: LookCursor, ids: Sequence[int], fields: Sequence[Field], keys: Mapping[str, int]
) -> Mapping[str, Sequence[object]]:
    figures = sorted({field.figure or "last" for field in fields})
    listed = ", ".join(f'"{figure}"' for figure in figures)
    numbers = sorted({keys[key] for field in fields for key in field.keys if key in keys})
    rows = cursor.execute(
        f"select run, key, {listed} from series where run {_AMONG} and key in ({listed_ids(numbers)})", [ids]
    ).fetchall()
    cells: dict[str, Sequence[object]] = {}
    for place, figure in enumerate(figures, 2):
        found = {(row[0], row[1]): row[place] for row in rows}
        for field in fields:
            if (field.figure or "last") == figure:
                cells[name_of(field)] = _column(ids, [keys.get(key, _NO_KEY) for key in field.keys], found)
    return cells


def _column(ids: Sequence[int], keys: Sequence[_K], found: Mapping[tuple[int, _K], object]) -> Sequence[object]:
    """The value of the first key that a run has."""
    first = keys[0]
    if len(keys) == 1:
        return [found.get((run, first)) for run in ids]
    return [found[run, first] if (run, first) in found else found.get((run, keys[1])) for run in ids]


def _cell(value: str | None, number: float | None) -> object:
    return number if number is not None and value not in ("true", "false") else value


def _held(value: Any) -> object:
    return tuple(value) if isinstance(value, list) else value
