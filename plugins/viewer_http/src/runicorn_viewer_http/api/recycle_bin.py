"""Soft delete and the recycle bin."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, TypedDict

from attrs import frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody, NoQuery, Reply
from runicorn.model.run import RunRef

from .experiments import RunNames, change_each
from .lookup import unique
from .rows import Row, RowCache

if TYPE_CHECKING:
    from runicorn import ExperimentManager
    from runicorn.managing import Outcome


@frozen
class RunsBody:
    run_ids: RunNames


@frozen
class EmptyBody:
    confirm: Literal[True]


class Result(TypedDict):
    """What became of one run."""

    ok: bool
    error: NotRequired[str]


class Deleted(TypedDict):
    deleted: int
    results: dict[str, Result]
    change: Annotated[str | None, About("What `POST /api/changes/undo` takes.")]


class Restored(TypedDict):
    restored: int
    results: dict[str, Result]
    change: str | None


class Purged(TypedDict):
    """Keyed by folder, because several runs may carry one id."""

    purged: int
    results: dict[str, Result]


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    cache = RowCache()
    one_at_a_time = threading.Lock()

    def soft_delete(call: Call[NoQuery, RunsBody]) -> Deleted:
        """Move runs to the recycle bin. No data moves; restore brings them back."""
        results, change = each(store, call.body.run_ids, lambda manager, runs: manager.delete(runs))
        return {"deleted": done(results), "results": results, "change": change}

    def recycle_bin(_: Call[NoQuery, NoBody]) -> Reply:
        """The runs in the recycle bin, newest first."""
        records = store.list_runs(deleted=True)
        cache.keep_only(records)
        return Reply(cache.encode(records), headers={"Cache-Control": "no-cache"})

    def restore(call: Call[NoQuery, RunsBody]) -> Restored:
        """Bring runs back from the recycle bin."""
        results, change = each(store, call.body.run_ids, lambda manager, runs: manager.restore(runs))
        return {"restored": done(results), "results": results, "change": change}

    def empty(_: Call[NoQuery, EmptyBody]) -> Purged:
        """Remove everything in the recycle bin for good, but for runs that are still being written."""
        from runicorn import ExperimentManager

        with one_at_a_time:
            outcome = ExperimentManager(store).empty()
        results: dict[str, Result] = {folder: {"ok": True} for folder in outcome.changed}
        results |= {folder: {"ok": False, "error": reason} for folder, reason in outcome.errors.items()}
        return {"purged": len(outcome.changed), "results": results}

    yield Endpoint("POST", "/api/runs/soft-delete", soft_delete, answer=Deleted, body=RunsBody)
    yield Endpoint("GET", "/api/recycle-bin", recycle_bin, answer=list[Row])
    yield Endpoint("POST", "/api/recycle-bin/restore", restore, answer=Restored, body=RunsBody)
    yield Endpoint("POST", "/api/recycle-bin/empty", empty, answer=Purged, body=EmptyBody)


def each(
    store: Store, names: Iterable[str], change: Callable[[ExperimentManager, list[RunRef]], Outcome]
) -> tuple[dict[str, Result], str | None]:
    """What became of each run that a request names, and how to undo it."""
    names = unique(names)
    answer = change_each(store, names, change)
    errors = answer["errors"]
    return {name: {"ok": False, "error": errors[name]} if name in errors else {"ok": True} for name in names}, answer[
        "change"
    ]


def done(results: dict[str, Result]) -> int:
    return sum(result["ok"] for result in results.values())
