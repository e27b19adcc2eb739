"""Views and columns that plugins bring, for one statement."""

# ruff: noqa: S608 (names are checked words, rows are bound)
from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from runicorn.hooks import sql_views

from .errors import SqlError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from runicorn.contracts import SqlView

_WORD = re.compile(r"[a-z][a-z0-9_]{0,60}")
_TYPES = {"text": "varchar", "integer": "bigint", "number": "double", "flag": "boolean", "texts": "varchar[]"}
_ARROW = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "texts": pa.list_(pa.string()),
}


def add_views(cursor: DuckDBPyConnection, root: Path, there: dict[str, str], statement: str) -> None:
    """Make what plugins bring, as far as the statement names it.

    :param there: the views that there are, as SQL.
    :raises SqlError: a plugin's view is none, or cannot be read; the sentence names the plugin.
    """
    offered = sql_views()
    for name in offered:
        if not re.search(rf"\b{re.escape(name)}\b", statement, re.IGNORECASE):
            continue
        view, owner = offered[name], offered.owner(name)
        _check(view, owner, there)
        try:
            rows = [tuple(row) for row in view.rows(root)]
            columns = [
                pa.array(cells, _ARROW[kind])
                for cells, kind in zip(_cells(view, rows), view.columns.values(), strict=True)
            ]
        except Exception as error:
            raise SqlError(f"the view {name} of the plugin {owner} cannot be read: {error}") from error
        _make(cursor, view, pa.table(columns, names=list(view.columns)), there)


def _cells(view: SqlView, rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * len(view.columns)


def _check(view: SqlView, owner: str, there: dict[str, str]) -> None:
    words = [view.name, *view.columns]
    wrong = next((word for word in words if not _WORD.fullmatch(word)), None)
    if wrong is not None:
        raise SqlError(f"the plugin {owner} has a view with the unusable name {wrong!r}")
    if bool(view.beside) is not (view.name in there):
        reason = "adds columns to no view that is there" if view.beside else "is there already"
        raise SqlError(f"the view {view.name} of the plugin {owner} {reason}")


def _make(cursor: DuckDBPyConnection, view: SqlView, table: pa.Table, there: dict[str, str]) -> None:
    made = f"{view.name}_beside" if view.beside else view.name
    listed = ", ".join(f'"{column}" {_TYPES[kind]}' for column, kind in view.columns.items())
    cursor.execute(f"create temp table {made} ({listed})")
    cursor.register("these_rows", table)
    cursor.execute(f"insert into {made} select * from these_rows")
    cursor.unregister("these_rows")
    if view.beside:
        more = ", ".join(f'e."{column}"' for column in view.columns if column not in view.beside)
        same = " and ".join(f'b."{column}" = e."{column}"' for column in view.beside)
        cursor.execute(
            f"create or replace temp view {view.name} as select b.*, {more} from ({there[view.name]}) b"
            f" left join {made} e on {same}"
        )
