"""Lists of runs from the index: which, in which order, with which columns."""

# ruff: noqa: S608 (names of our own; every value of a filter is a parameter)
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runicorn.filters import SqlCompiler, SqlNames, name_of
from runicorn.model.query import RUN_FIELDS, Field, Order, RunPage, RunQuery
from runicorn.model.run import RunRef

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from .index import Index

NAMES = SqlNames(
    series="named_series",
    key_of_run="r.id",
    fields={name: f'r."{"folder" if name == "path" else name}"' for name in RUN_FIELDS},
)


def query_runs(index: Index, query: RunQuery) -> RunPage:
    """See ``QueryStore.query_runs``.

    :raises Unavailable: the files have to answer.
    """
    with index.guarded():
        index.following.refresh()
    with index.guarded(), index.database.reading() as cursor:
        progress = index.progress
        compiler = SqlCompiler(NAMES, now=query.now, texts=_texts(cursor))
        where, values = _where(compiler, query)
        cells, order, order_values = _order(compiler, query.order_by)
        limit = "" if query.limit is None else f" limit {int(query.limit)}"
        rows = cursor.execute(
            "select id, run, project, name, folder, count(*) over () from (select r.id, r.run, r.project, r.name,"
            f" r.folder, r.created_at{cells} from runs r where {where}) order by {order}{limit} offset"
            f" {int(query.offset)}",
            [*order_values, *values],
        ).fetchall()
        if rows:
            total = rows[0][5]
        else:
            total = cursor.execute(f"select count(*) from runs r where {where}", values).fetchall()[0][0]
        columns = _columns(cursor, [row[0] for row in rows], query.columns)
    return RunPage(
        refs=[RunRef(run, project, name, folder) for _, run, project, name, folder, _ in rows],
        columns=columns,
        total=total,
        partial=not progress.complete,
        indexed=None if progress.complete else progress.read,
    )


def _texts(cursor: DuckDBPyConnection) -> Callable[[str, Sequence[object]], Iterable[str]]:
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


def _order(compiler: SqlCompiler, orders: Sequence[Order]) -> tuple[str, str, list[object]]:
    """What runs are ordered by as columns, each looked up once, and their order: numbers, NaN, texts, nothing."""
    cells, parts, values = "", list[str](), list[object]()
    for order in orders:
        direction = "desc" if order.descending else "asc"
        for sql, given in compiler.cells(order.field):
            name = f"cell_{len(values)}_{len(parts)}"
            cells += f", {sql} as {name}"
            values += given
            if sql.startswith("/*n*/"):
                parts.append(f"{name} is null, isnan({name})")
            parts.append(f"{name} {direction} nulls last")
    return cells, ", ".join([*parts, "created_at desc", "folder"]), values


def _columns(cursor: DuckDBPyConnection, ids: Sequence[int], fields: Sequence[Field]) -> Mapping[str, Sequence[object]]:
    """The cells of a page, read once for each table."""
    cells: dict[str, Mapping[int, object]] = {}
    own = [field for field in fields if field.kind == "run"]
    if own:
        listed = ", ".join(NAMES.fields[field.key] for field in own)
        rows = cursor.execute(f"select r.id, {listed} from runs r where r.id in ({_listed(ids)})").fetchall()
        for place, field in enumerate(own, 1):
            cells[name_of(field)] = {row[0]: _held(row[place]) for row in rows}
    for kind, table in (("params", "params"), ("summary", "summaries"), ("metrics", "named_series")):
        keyed = [field for field in fields if field.kind == kind]
        if keyed:
            cells |= _keyed(cursor, ids, keyed, table)
    return {name: [cells[name].get(run) for run in ids] for name in map(name_of, fields)}


def _keyed(
    cursor: DuckDBPyConnection, ids: Sequence[int], fields: Sequence[Field], table: str
) -> dict[str, Mapping[int, object]]:
    keys = sorted({key for field in fields for key in field.keys})
    if table == "named_series":
        figures = sorted({field.figure or "last" for field in fields})
        named = dict(cursor.execute("select id, name from keys where list_contains(?, name)", [keys]).fetchall())
        listed = ", ".join(f'"{figure}"' for figure in figures)
        rows = cursor.execute(
            f"select run, key, {listed} from series where run in ({_listed(ids)}) and key in ({_listed(named)})"
        ).fetchall()
        found = {(run, named[key]): dict(zip(figures, held, strict=True)) for run, key, *held in rows}
        return {
            name_of(field): _first(ids, field, {pair: held[field.figure or "last"] for pair, held in found.items()})
            for field in fields
        }
    rows = cursor.execute(
        f"select run, key, value, number from {table} where run in ({_listed(ids)}) and list_contains(?, key)", [keys]
    ).fetchall()
    values = {(run, key): _cell(value, number) for run, key, value, number in rows}
    return {name_of(field): _first(ids, field, values) for field in fields}


def _first(ids: Sequence[int], field: Field, values: Mapping[tuple[int, str], object]) -> Mapping[int, object]:
    """The value of the first key that a run has."""
    found: dict[int, object] = {}
    for key in reversed(field.keys):
        found.update((run, values[run, key]) for run in ids if (run, key) in values)
    return found


def _cell(value: str | None, number: float | None) -> object:
    return number if number is not None and value not in ("true", "false") else value


def _held(value: Any) -> object:
    return tuple(value) if isinstance(value, list) else value


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers)) or "null"
