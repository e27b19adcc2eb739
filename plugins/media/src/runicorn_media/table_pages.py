"""Logged tables for the viewer: pages of them, sorted and searched, and the whole as CSV."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

from attrs import frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody, Reply
from runicorn.errors import MissingDependency, Problem, UnsafePath
from runicorn.security import join
from runicorn.types import JSON

from .cells import as_text, described, is_media, said, shown
from .columns import movable, orderly, written

MOST_ROWS = 1_000  # of one page
MOST_TEXT = 2_000  # characters of one cell
_KEPT = 4  # tables, as they were last sorted and searched ...
_KEPT_BYTES = 512 << 20  # ... and bytes of them, but for the last one


@frozen
class TableQuery:
    id: Annotated[str, About("The run's id.", max_length=500)]
    file: Annotated[str, About("The `path` of the media record.", max_length=2000)]
    path: Annotated[str | None, About("The run's folder, where several runs carry one id.", max_length=2000)] = None
    sort: Annotated[str | None, About("A column.", max_length=2000)] = None
    order: Literal["ascending", "descending"] = "ascending"
    q: Annotated[str | None, About("Only rows with a cell that contains this, ignoring case.", max_length=500)] = None


@frozen
class PageQuery(TableQuery):
    offset: Annotated[int, About("The first row.", minimum=0)] = 0
    limit: Annotated[int, About("Rows.", minimum=1, maximum=MOST_ROWS)] = 50


class Column(TypedDict):
    name: str
    type: str


class TablePage(TypedDict):
    """Some rows of a table."""

    columns: list[Column]
    rows: Annotated[
        list[list[JSON]],
        About(
            "Cells in the order of columns; long texts end with an ellipsis. In a column of the type `media` a cell is "
            "null, a text, or an object with kind, path, caption and fields, as a record of media has them."
        ),
    ]
    total: Annotated[int, About("Rows of the table.")]
    matched: Annotated[int, About("Rows that the search leaves.")]


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    tables = Tables()

    def page(call: Call[PageQuery, NoBody]) -> TablePage:
        """Rows of a logged table (`rn.Table`)."""
        return tables.page(_file(store, call.query), call.query)

    def csv(call: Call[TableQuery, NoBody]) -> Reply:
        """A logged table as CSV, whole; media in its cells are named by their files."""
        path = _file(store, call.query)
        return Reply(
            tables.csv(path, call.query),
            media_type="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{path.stem}.csv"'},
        )

    statuses = {404: "No such run or table.", 422: "The file is no table, or the column is none of its own."}
    yield Endpoint("GET", "/api/runs/{id}/table", page, answer=TablePage, query=PageQuery, statuses=statuses)
    also = {"text/csv": "The rows under a line of column names."}
    yield Endpoint("GET", "/api/runs/{id}/table/csv", csv, query=TableQuery, also=also, statuses=statuses)


class Tables:
    """Reads tables, and keeps the last few that were sorted or searched. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], Any] = OrderedDict()

    def page(self, path: Path, query: PageQuery) -> TablePage:
        """:raises Problem: 422, it cannot be read, or there is no such column."""
        with _opened(path, query) as file:
            columns: list[Column] = [described(one) for one in file.schema_arrow]  # type: ignore[misc]  # the same members
            total = file.metadata.num_rows
            if query.sort is None and not query.q:
                found, matched = _slice(file, query.offset, query.limit), total
            else:
                whole = self._arranged(file, path, query)
                found, matched = whole.slice(query.offset, query.limit), whole.num_rows
        cells = [
            [_cell(value) for value in column.to_pylist()]
            if not is_media(field)
            else [None if value is None else shown(value) for value in column.to_pylist()]
            for field, column in zip(found.schema, found.columns, strict=True)
        ]
        rows = [list(row) for row in zip(*cells, strict=True)]
        return {"columns": columns, "rows": rows, "total": total, "matched": matched}

    def csv(self, path: Path, query: TableQuery) -> bytes:
        """:raises Problem: 422, it cannot be read, or there is no such column."""
        import pyarrow as pa
        from pyarrow import csv

        with _opened(path, query) as file:
            whole = file.read() if query.sort is None and not query.q else self._arranged(file, path, query)
        sink = pa.BufferOutputStream()
        csv.write_csv(written(as_text(whole, ("path", "caption"))), sink)
        content: bytes = sink.getvalue().to_pybytes()
        return content

    def _arranged(self, file: Any, path: Path, query: TableQuery) -> Any:
        key = (path, query.sort, query.order, query.q)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        table = _searched(movable(file.read()), query.q)
        if query.sort is not None:
            import pyarrow as pa
            import pyarrow.compute as pc

            by = orderly(as_text(table.select([query.sort]), ("caption", "path")).column(0))
            indices = pc.sort_indices(pa.table([by], names=["by"]), [("by", query.order)])  # nulls stand at the end
            table = table.take(indices)
        with self._lock:
            self._kept[key] = table
            while len(self._kept) > _KEPT or (
                len(self._kept) > 1 and sum(kept.nbytes for kept in self._kept.values()) > _KEPT_BYTES
            ):
                self._kept.popitem(last=False)
        return table


def _opened(path: Path, query: TableQuery) -> Any:
    """:raises Problem: 422, it cannot be read, or has no column to sort by."""
    try:
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingDependency("showing a table", "pyarrow") from error
    try:
        file = pq.ParquetFile(path)
    except Exception as error:
        raise Problem(422, "not-a-table", f"{path.name} cannot be read as a table", file=query.file) from error
    if query.sort is not None and query.sort not in file.schema_arrow.names:
        file.close()
        raise Problem(422, "no-such-column", f"the table has no column {query.sort!r}", column=query.sort)
    return file


def _slice(file: Any, offset: int, limit: int) -> Any:
    """Rows without reading the groups of rows before and after them."""
    groups, skipped, first = [], 0, None
    for group in range(file.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        if skipped + rows > offset and skipped < offset + limit:
            first = skipped if first is None else first
            groups.append(group)
        skipped += rows
    return file.read_row_groups(groups).slice(offset - (first or 0), limit)


def _searched(table: Any, text: str | None) -> Any:
    if not text:
        return table
    import pyarrow as pa
    import pyarrow.compute as pc

    hits = None
    for column in as_text(table, ("caption", "kind")).columns:
        try:
            found = pc.match_substring(orderly(column).cast(pa.large_string()), text, ignore_case=True)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # of bytes and the like there is nothing to search
            continue
        found = pc.fill_null(found, False)
        hits = found if hits is None else pc.or_(hits, found)
    return table.slice(0, 0) if hits is None else table.filter(hits)


def _cell(value: Any) -> JSON:
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    text = f"{len(value)} bytes" if isinstance(value, bytes) else said(value)
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"


def _file(store: Store, query: TableQuery) -> Path:
    """:raises Problem: 404."""
    found = [run for run in store.find_runs(query.id) if query.path is None or run.ref.folder == query.path]
    if not found:
        raise Problem(404, "run-not-found", f"there is no run {query.id!r}", id=query.id)
    try:
        path = join(store.open_run(found[0].ref).folder / "media", query.file.removeprefix("media/"))
    except UnsafePath:
        path = None
    if path is None or not path.is_file():
        raise Problem(404, "file-not-found", f"the run has no media file {query.file!r}", file=query.file)
    return path
