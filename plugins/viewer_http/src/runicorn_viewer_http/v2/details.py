"""``POST /api/v2/details``: everything about many runs in one answer, for a page that draws them together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, TypedDict

from attrs import frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoQuery
from runicorn.errors import Problem, RunNotFound, StorageGone

from ..api.lookup import Finder, unique
from ..api.runs import RunAnswer, describe
from .metrics import Run

#: Of one answer; a page that draws more asks more than once and shows the first ones sooner.
MOST = 200


@frozen
class DetailsBody:
    runs: Annotated[tuple[Run, ...], About(min_items=1, max_items=MOST)]


class Details(TypedDict):
    """In the order of the question."""

    runs: list[RunAnswer]
    missing: Annotated[list[str], About("Runs that are not there.")]


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    def details(call: Call[NoQuery, DetailsBody]) -> Details:
        """What `GET /api/runs/{id}` answers, of many runs."""
        finder = Finder(store)
        found: list[RunAnswer] = []
        missing: list[str] = []
        for name in unique(call.body.runs):
            try:
                found.append(describe(store.open_run(finder.find(name).ref)))
            except (Problem, RunNotFound, StorageGone):
                missing.append(name)  # it was removed for good meanwhile
        return {"runs": found, "missing": missing}

    yield Endpoint("POST", "/api/v2/details", details, answer=Details, body=DetailsBody)
