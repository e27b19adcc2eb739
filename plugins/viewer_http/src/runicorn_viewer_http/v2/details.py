"""``POST /api/v2/details``: everything about many runs in one answer, for a page that draws them together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, TypedDict

from attrs import frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoQuery
from runicorn.errors import Problem, RunNotFound, StorageGone
from runicorn.filters import query_runs
from runicorn.model.query import RunQuery
from runicorn.model.run import RunRef

from ..api.lookup import Finder, unique
from ..api.runs import RunAnswer, describe
from .metrics import Run

#: Of one answer; a page that draws more asks more than once and shows the first ones sooner.
MOST = 200


@frozen
class DetailsBody:
    runs: Annotated[tuple[Run, ...], About(min_items=1, max_items=MOST)] | None = None
    project: Annotated[str | None, About("Instead of `runs`: the newest ones of a project.", max_length=500)] = None
    limit: Annotated[int, About("So many of them.", minimum=1, maximum=MOST)] = 50


class Details(TypedDict):
    """In the order of the question."""

    runs: list[RunAnswer]
    missing: Annotated[list[str], About("Runs that are not there.")]


def _refs(store: Store, asked: DetailsBody) -> Iterable[tuple[str, RunRef | None]]:
    """What runs are called, and where they are."""
    if asked.runs is None:
        page = query_runs(store, RunQuery(project=asked.project, archived=False, limit=asked.limit))
        yield from ((ref.folder, ref) for ref in page.refs)
        return
    finder = Finder(store)
    for name in unique(asked.runs):
        try:
            yield name, finder.find(name).ref
        except Problem:
            yield name, None


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    def details(call: Call[NoQuery, DetailsBody]) -> Details:
        """What `GET /api/runs/{id}` answers, of many runs."""
        asked = call.body
        if (asked.runs is None) == (asked.project is None):
            raise Problem(400, "invalid", "either runs or project must be given", where="runs")
        found: list[RunAnswer] = []
        missing: list[str] = []
        for name, ref in _refs(store, asked):
            try:
                if ref is not None:
                    found.append(describe(store.open_run(ref)))
                    continue
            except (RunNotFound, StorageGone):
                pass  # it was removed for good meanwhile
            missing.append(name)
        return {"runs": found, "missing": missing}

    yield Endpoint("POST", "/api/v2/details", details, answer=Details, body=DetailsBody)
