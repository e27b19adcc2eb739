"""``POST /api/v2/sql``."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, TypedDict

from attrs import frozen
from runicorn.contracts import Viewer
from runicorn.contracts.http import About, Call, Endpoint, NoQuery, Reply
from runicorn.errors import Problem
from runicorn.hooks import plugin_section
from runicorn.serialize import dumps
from runicorn.types import JSON

from ..hybrid_store import HybridStore
from ..settings import StorageDuckdbSection

ARROW = "application/vnd.apache.arrow.stream"


@frozen
class SqlBody:
    sql: Annotated[str, About("One SELECT over the views.", min_length=1, max_length=100_000)]
    parameters: Annotated[
        tuple[str | float | bool | None, ...], About("The values of its question marks.", max_items=1000)
    ] = ()
    limit: Annotated[int, About("At most so many rows.", minimum=1, maximum=1_000_000)] = 10_000


class Column(TypedDict):
    name: str
    type: str


class Rows(TypedDict):
    """Rows are arrays in the order of the columns; NaN and infinities are strings."""

    columns: list[Column]
    rows: list[list[JSON]]
    truncated: Annotated[bool, About("There are more rows than the limit.")]
    partial: Annotated[bool, About("The index has not read every run yet; ask again.")]
    unreadable: Annotated[dict[str, str], About("Runs whose points are missing, by folder: why.")]
    query_ms: float


def endpoints(viewer: Viewer) -> Iterable[Endpoint[Any, Any]]:
    @cache
    def store() -> HybridStore:
        """The viewer's own, or (where it looks at files alone) one with an index beside it."""
        return _store(viewer)

    def sql(call: Call[NoQuery, SqlBody]) -> Reply:
        """Ask the runs with SQL. Only one SELECT, over views; no file and no network can be reached."""
        kind = call.prefers("application/json", ARROW)
        section = plugin_section("storage-duckdb", StorageDuckdbSection)
        if not section.sql_beyond_loopback and not _only_from_here(viewer.settings):
            raise Problem(403, "sql-off", "SQL is off beyond this machine; set storage-duckdb.sql_beyond_loopback")
        from .errors import SqlError
        from .session import run_sql
        from .writing import plain_rows, write_file

        began = time.perf_counter()
        try:
            found = run_sql(store(), call.body.sql, call.body.parameters, limit=call.body.limit, complete=False)
        except SqlError as error:
            raise Problem(
                400, "sql-invalid", str(error), reason=error.reason, line=error.line, column=error.column
            ) from error
        table = found.table
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        if kind == ARROW:
            from io import BytesIO

            out = BytesIO()
            write_file(table, "arrow", out)
            return Reply(
                out.getvalue(), 200, kind, {**headers, "Runicorn-Truncated": "true" if found.truncated else "false"}
            )
        columns = [{"name": field.name, "type": str(field.type)} for field in table.schema]
        took = round((time.perf_counter() - began) * 1e3, 2)
        answer = {"columns": columns, "rows": plain_rows(table)}
        answer |= {"truncated": found.truncated, "partial": found.partial}
        answer |= {"unreadable": dict(found.unreadable), "query_ms": took}
        return Reply(dumps(answer), 200, kind, headers)

    yield Endpoint("POST", "/api/v2/sql", sql, answer=Rows, body=SqlBody, also={ARROW: "The same as one Arrow stream."})


def _store(viewer: Viewer) -> HybridStore:
    if isinstance(viewer.store, HybridStore):
        return viewer.store
    from .reading import open_store

    return open_store(viewer.store.root)


def _only_from_here(settings: Mapping[str, object]) -> bool:
    from ipaddress import ip_address

    host = str(settings.get("host", "127.0.0.1"))
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
