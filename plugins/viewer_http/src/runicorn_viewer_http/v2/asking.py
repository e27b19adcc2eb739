"""Parameters that several endpoints share: which runs are meant."""

from __future__ import annotations

from typing import Annotated, Literal

from runicorn.contracts import Store
from runicorn.contracts.http import About
from runicorn.errors import FilterError, Problem
from runicorn.filters import fields_of, parse_for
from runicorn.model.query import Field, RunQuery

ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
#: Seconds for which files are read to answer one request, where no index answers. What is missing then is ``partial``.
BUDGET_S = 1.5

Filter = Annotated[
    str | None, About("Filter language: `params.lr < 1e-3 and tags has best`; words search.", max_length=10_000)
]
Project = Annotated[str | None, About("Only this project.", max_length=500)]
Name = Annotated[str | None, About("Only this name.", max_length=2000)]
Which = Literal["no", "only", "also"]
Deleted = Annotated[Which, About("Runs in the recycle bin.")]
Archived = Annotated[Which, About("Archived runs.")]
Listed = Annotated[str | None, About("Fields with commas: `status,params.lr,metrics.val/acc.max`.", max_length=60_000)]
Ordered = Annotated[
    str | None,
    About("Fields with commas, a minus for descending: `metrics.val/acc.max,-created_at`.", max_length=10_000),
]

_WHICH: dict[str, bool | None] = {"no": False, "only": True, "also": None}


def query_of(
    store: Store, q: str | None, project: str | None, name: str | None, deleted: str, archived: str
) -> RunQuery:
    """Which runs a request means. A filter that speaks of the recycle bin looks into it.

    :raises Problem: the filter cannot be understood.
    """
    try:
        condition = parse_for(store, q or "", project, name)
    except FilterError as error:
        raise problem_of_filter(error, "q") from error
    in_bin = _WHICH[deleted]
    if deleted == "no" and Field("run", "deleted") in set(fields_of(condition)):
        in_bin = None
    return RunQuery(condition, project=project, name=name, deleted=in_bin, archived=_WHICH[archived])


def problem_of_filter(error: FilterError, where: str) -> Problem:
    """A mistake in a filter, an order or a list of fields, with its place."""
    return Problem(
        400,
        "filter-invalid",
        str(error),
        where=where,
        position=error.position,
        length=max(1, len(error.token)),
        token=error.token,
        reason=error.reason,
        suggestion=error.suggestion,
    )
