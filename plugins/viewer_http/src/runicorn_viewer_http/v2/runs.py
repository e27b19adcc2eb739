"""``GET /api/v2/runs``: one page of runs with the columns asked for, or groups of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, NotRequired, TypedDict, TypeVar

from attrs import evolve, frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody, Reply
from runicorn.errors import FilterError
from runicorn.filters import (
    Group,
    Spread,
    as_list,
    group_runs,
    name_of,
    parse_columns,
    parse_order,
    query_runs,
    unknown_fields,
    with_hints,
)
from runicorn.model.query import Field, RunPage, RunQuery
from runicorn.types import JSON

from ..asgi.json import encode
from .asking import (
    ARROW,
    BUDGET_S,
    PARQUET,
    Archived,
    Deleted,
    Filter,
    Listed,
    Name,
    Ordered,
    Project,
    problem_of_filter,
    query_of,
)

Result = TypeVar("Result")

DEFAULT = (
    "project,name,display_name,status,created_at,ended_at,duration_s,host,tags,note,pinned,archived,best,best_metric"
)
_GROUPS = 10_000


@frozen
class RunsQuery:
    q: Filter = None
    project: Project = None
    name: Name = None
    columns: Listed = None
    order_by: Ordered = None
    group_by: Annotated[str | None, About("One row for each combination of these fields.", max_length=10_000)] = None
    page: Annotated[int, About("From 1.", minimum=1, maximum=1_000_000)] = 1
    per_page: Annotated[int, About("Rows of a page.", minimum=1, maximum=10_000)] = 100
    deleted: Deleted = "no"
    archived: Archived = "also"


class SpreadOf(TypedDict):
    """A number over the runs of a group; the sample's standard deviation, null for one run."""

    mean: float
    std: float | None
    min: float
    max: float
    n: int


class GroupRow(TypedDict):
    """Runs that agree in the fields that they are grouped by."""

    group: dict[str, JSON]
    runs: int
    paths: Annotated[list[str], About("Folders of the runs, at most 1000, in the order asked.")]
    numbers: dict[str, SpreadOf]
    texts: Annotated[dict[str, dict[str, int]], About("How many runs have which value, of columns without numbers.")]


class UnknownField(TypedDict):
    field: str
    meant: Annotated[str | None, About("The field that was probably meant.")]


class Runs(TypedDict):
    """One page. Rows have `run` (the id), `path` (the folder, unique) and the columns; groups instead with group_by."""

    columns: list[str]
    rows: NotRequired[list[dict[str, JSON]]]
    groups: NotRequired[list[GroupRow]]
    total: Annotated[int, About("Runs, or groups, on all pages.")]
    page: int
    per_page: int
    has_next: bool
    partial: Annotated[bool, About("Not every run has been read yet; ask again.")]
    indexed: Annotated[int | None, About("Runs that have been read, when partial.")]
    unreadable: Annotated[dict[str, str], About("Runs of this page whose figures are missing, by folder: why.")]
    unknown: Annotated[list[UnknownField], About("Where nothing was found: fields of the filter that no run has.")]
    query_ms: float


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    def runs(call: Call[RunsQuery, NoBody]) -> Reply:
        """Runs of a filter, sorted by any field, with any columns. Without an order the newest come first."""
        kind = call.prefers("application/json", ARROW, PARQUET)
        began, asked = time.perf_counter(), call.query
        query = query_of(store, asked.q, asked.project, asked.name, asked.deleted, asked.archived)
        columns = listed(store, asked.columns or DEFAULT, "columns", asked.project, asked.name)
        order = read(store, lambda known: parse_order(asked.order_by or "", known=known), "order_by", asked.project)
        query = evolve(query, columns=columns, order_by=order)
        offset = (asked.page - 1) * asked.per_page
        head: dict[str, Any] = {"columns": [name_of(field) for field in columns]}
        if asked.group_by:
            by = listed(store, asked.group_by, "group_by", asked.project, asked.name)
            groups = group_runs(store, query, by, budget_s=BUDGET_S)
            head |= {**_page(asked, len(groups.groups), groups.partial, groups.indexed), "unreadable": {}}
            head["unknown"] = _unknown(store, query, found=bool(groups.groups) or groups.partial)
            shown = groups.groups[offset : offset + asked.per_page]
            if kind != "application/json":
                from .tables import as_parquet, groups_table

                body = groups_table(shown, [name_of(field) for field in by], columns, _told(head, began))
                body = as_parquet(body) if kind == PARQUET else body
            else:
                rows = [group_row(group, by) for group in shown]
                body = encode({**_told(head, began), "groups": rows})
            return Reply(body, 200, kind, _HEADERS)
        page = query_runs(store, evolve(query, offset=offset, limit=asked.per_page), budget_s=BUDGET_S)
        head |= {**_page(asked, page.total, page.partial, page.indexed), "unreadable": dict(page.unreadable)}
        head["unknown"] = _unknown(store, query, found=page.total > 0 or page.partial)
        if kind != "application/json":
            from .tables import as_parquet, runs_table

            made = runs_table(page, _told(head, began))
            return Reply(as_parquet(made) if kind == PARQUET else made, 200, kind, _HEADERS)
        rows_ = _rows(page)
        return Reply(encode({**_told(head, began), "rows": rows_}), 200, kind, _HEADERS)

    yield Endpoint(
        "GET", "/api/v2/runs", runs, answer=Runs, query=RunsQuery,
        also={
            ARROW: "The same as one Arrow stream; what JSON has beside the rows stands in the schema's metadata.",
            PARQUET: "The same as a Parquet file.",
        },
    )  # fmt: skip


_HEADERS = {"Cache-Control": "no-cache", "Vary": "Accept"}


def _page(asked: RunsQuery, total: int, partial: bool, indexed: int | None) -> dict[str, Any]:
    return {
        "total": total,
        "page": asked.page,
        "per_page": asked.per_page,
        "has_next": asked.page * asked.per_page < total,
        "partial": partial,
        "indexed": indexed,
    }


def _unknown(store: Store, query: RunQuery, *, found: bool) -> list[UnknownField]:
    if found:
        return []
    unknown = unknown_fields(store, query.where, query.project, query.name, budget_s=BUDGET_S)
    return [{"field": name_of(one.field), "meant": name_of(one.meant) if one.meant else None} for one in unknown]


def _told(head: dict[str, Any], began: float) -> dict[str, Any]:
    return {**head, "query_ms": round((time.perf_counter() - began) * 1e3, 2)}


def _rows(page: RunPage) -> list[dict[str, JSON]]:
    columns = {name: as_list(column) for name, column in page.columns.items()}
    cells = zip(*columns.values(), strict=True) if columns else iter([()] * len(page.refs))
    return [
        {"run": ref.id, "path": ref.folder, **dict(zip(columns, row, strict=True))}
        for ref, row in zip(page.refs, cells, strict=True)
    ]


def group_row(group: Group, by: Sequence[Field]) -> GroupRow:
    return {
        "group": {name_of(field): value for field, value in zip(by, group.values, strict=True)},
        "runs": len(group.refs),
        "paths": [ref.folder for ref in group.refs[:1000]],
        "numbers": {name: spread_of(spread) for name, spread in group.spreads.items()},
        "texts": {name: dict(counts) for name, counts in group.texts.items()},
    }


def spread_of(spread: Spread) -> SpreadOf:
    return {"mean": spread.mean, "std": spread.std, "min": spread.min, "max": spread.max, "n": spread.n}


def listed(store: Store, text: str, where: str, project: str | None, name: str | None = None) -> tuple[Field, ...]:
    """Fields that a parameter lists.

    :raises Problem: one of them is none.
    """
    return read(store, lambda known: parse_columns(text, known=known), where, project, name)


def read(
    store: Store,
    made: Callable[[Sequence[Field]], Result],
    where: str,
    project: str | None = None,
    name: str | None = None,
) -> Result:
    try:
        return with_hints(store, made, project, name)
    except FilterError as error:
        raise problem_of_filter(error, where) from error
