"""Soft delete and the recycle bin."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, Literal, NotRequired, TypedDict

from attrs import frozen
from runicorn.contracts import Store
from runicorn.contracts.http import Call, Endpoint, NoBody, NoQuery, Reply
from runicorn.errors import Problem, RunicornError
from runicorn.model.run import ExperimentRecord

from .experiments import RunNames
from .lookup import Finder, unique
from .rows import Row, RowCache


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


class Restored(TypedDict):
    restored: int
    results: dict[str, Result]


class Purged(TypedDict):
    """Keyed by folder, because several runs may carry one id."""

    purged: int
    results: dict[str, Result]


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    cache = RowCache()
    one_at_a_time = threading.Lock()

    def soft_delete(call: Call[NoQuery, RunsBody]) -> Deleted:
        """Move runs to the recycle bin. No data moves; restore brings them back."""
        results = each(store, call.body.run_ids, lambda record: store.soft_delete(record.ref))
        return {"deleted": done(results), "results": results}

    def recycle_bin(_: Call[NoQuery, NoBody]) -> Reply:
        """The runs in the recycle bin, newest first."""
        records = store.list_runs(deleted=True)
        cache.keep_only(records)
        return Reply(cache.encode(records), headers={"Cache-Control": "no-cache"})

    def restore(call: Call[NoQuery, RunsBody]) -> Restored:
        """Bring runs back from the recycle bin."""
        results = each(store, call.body.run_ids, lambda record: restore_one(store, record))
        return {"restored": done(results), "results": results}

    def empty(_: Call[NoQuery, EmptyBody]) -> Purged:
        """Remove everything in the recycle bin for good."""
        with one_at_a_time:
            results = {r.ref.folder: attempt(lambda r=r: store.purge(r.ref)) for r in store.list_runs(deleted=True)}  # type: ignore[misc]
        return {"purged": done(results), "results": results}

    yield Endpoint("POST", "/api/runs/soft-delete", soft_delete, answer=Deleted, body=RunsBody)
    yield Endpoint("GET", "/api/recycle-bin", recycle_bin, answer=list[Row])
    yield Endpoint("POST", "/api/recycle-bin/restore", restore, answer=Restored, body=RunsBody)
    yield Endpoint("POST", "/api/recycle-bin/empty", empty, answer=Purged, body=EmptyBody)


def restore_one(store: Store, record: ExperimentRecord) -> None:
    if record.deleted_at is None:
        raise Problem(409, "not-deleted", f"run {record.ref.id!r} is not in the recycle bin")
    store.restore(record.ref)


def each(store: Store, names: Iterable[str], act: Callable[[ExperimentRecord], None]) -> dict[str, Result]:
    """Do something with several runs; one that fails does not stop the others."""
    finder = Finder(store)
    return {name: attempt(lambda name=name: act(finder.find(name))) for name in unique(names)}  # type: ignore[misc]


def attempt(act: Callable[[], None]) -> Result:
    try:
        act()
    except RunicornError as error:
        return {"ok": False, "error": str(error)}
    return {"ok": True}


def done(results: dict[str, Result]) -> int:
    return sum(result["ok"] for result in results.values())
