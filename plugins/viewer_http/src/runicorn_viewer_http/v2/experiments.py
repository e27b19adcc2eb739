"""``GET /api/v2/experiments``: one row for each project and name, with what its runs have in common."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Annotated, Any, TypedDict

from attrs import evolve, frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody
from runicorn.filters import group_runs, parse_columns
from runicorn.types import JSON

from .asking import BUDGET_S, Archived, Deleted, Filter, Listed, Name, Project, query_of
from .runs import SpreadOf, listed, spread_of

_BY = parse_columns("project,name")
_TIMES = ("created_at", "ended_at")
_ALWAYS = parse_columns("status,created_at,ended_at")


@frozen
class ExperimentsQuery:
    q: Filter = None
    project: Project = None
    name: Name = None
    columns: Listed = None
    page: Annotated[int, About("From 1.", minimum=1, maximum=1_000_000)] = 1
    per_page: Annotated[int, About("Rows of a page.", minimum=1, maximum=10_000)] = 100
    deleted: Deleted = "no"
    archived: Archived = "no"


class ExperimentRow(TypedDict):
    """The runs of one project and name."""

    project: str
    name: str
    runs: int
    statuses: Annotated[dict[str, int], About("How many runs have which status.")]
    first_at: float
    last_at: Annotated[float, About("When its newest run was created.")]
    newest: Annotated[str, About("The folder of its newest run.")]
    numbers: Annotated[dict[str, SpreadOf], About("The columns asked for, over the runs.")]
    texts: dict[str, dict[str, int]]


class Experiments(TypedDict):
    """Newest first."""

    rows: list[ExperimentRow]
    total: int
    page: int
    per_page: int
    has_next: bool
    partial: bool
    indexed: int | None
    query_ms: float


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    def experiments(call: Call[ExperimentsQuery, NoBody]) -> dict[str, JSON]:
        """Experiments (a project and a name) that have runs, with counts and the spread of any columns."""
        began, asked = time.perf_counter(), call.query
        query = query_of(store, asked.q, asked.project, asked.name, asked.deleted, asked.archived)
        more = listed(store, asked.columns or "", "columns", asked.project, asked.name)
        query = evolve(query, columns=tuple(dict.fromkeys((*_ALWAYS, *more))))
        groups = group_runs(store, query, _BY, budget_s=BUDGET_S)
        offset = (asked.page - 1) * asked.per_page
        rows: list[JSON] = []
        for group in groups.groups[offset : offset + asked.per_page]:
            project, name = group.values
            created = group.spreads["created_at"]
            numbers = {c: dict(spread_of(spread)) for c, spread in group.spreads.items() if c not in _TIMES}
            texts = {c: dict(counts) for c, counts in group.texts.items() if c not in _TIMES and c != "status"}
            rows.append(
                {
                    "project": project,
                    "name": name,
                    "runs": len(group.refs),
                    "statuses": dict(group.texts["status"]),
                    "first_at": created.min,
                    "last_at": created.max,
                    "newest": group.refs[0].folder,
                    "numbers": numbers,  # type: ignore[dict-item]  # figures all of them
                    "texts": texts,
                }
            )
        total = len(groups.groups)
        return {
            "rows": rows,
            "total": total,
            "page": asked.page,
            "per_page": asked.per_page,
            "has_next": asked.page * asked.per_page < total,
            "partial": groups.partial,
            "indexed": groups.indexed,
            "query_ms": round((time.perf_counter() - began) * 1e3, 2),
        }

    yield Endpoint("GET", "/api/v2/experiments", experiments, answer=Experiments, query=ExperimentsQuery)
