"""HTTP: one endpoint, declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypedDict

from attrs import frozen
from runicorn.contracts.http import Call, Endpoint, NoBody

if TYPE_CHECKING:
    from runicorn.contracts import Viewer


class Count(TypedDict):
    """How many runs there are."""

    runs: int
    project: str


@frozen
class CountQuery:
    """Which of them."""

    project: str = ""


def routes(viewer: Viewer) -> Iterator[Endpoint[Any, Any]]:
    def count(call: Call[CountQuery, NoBody]) -> Count:
        wanted = call.query.project
        found = [record for record in viewer.store.list_runs() if wanted in ("", record.ref.project)]
        return {"runs": len(found), "project": wanted}

    yield Endpoint("GET", "/api/acme/count", count, answer=Count, query=CountQuery)
