"""The list of runs, and what people write about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from attrs import frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody, NoQuery, Reply
from runicorn.errors import Problem
from runicorn.filters import choose_runs
from runicorn.model.run import ExperimentRecord, RunRef, Status

from .lookup import Finder, unique
from .rows import Row, RowCache

if TYPE_CHECKING:
    from runicorn import ExperimentManager
    from runicorn.managing import Outcome

RunNames = Annotated[
    tuple[Annotated[str, About(min_length=1, max_length=2000)], ...],
    About("Ids of runs, or their folders (`path`) where several carry one id.", min_items=1, max_items=1000),
]
Tags = Annotated[
    tuple[Annotated[str, About(min_length=1, max_length=200)], ...],
    About("Replaces all tags.", max_items=200),
]
Note = Annotated[str, About("Free text.", max_length=100_000)]


@frozen
class ExperimentsQuery:
    project: Annotated[str | None, About("Only this project.", max_length=500)] = None
    name: Annotated[str | None, About("Only this name.", max_length=2000)] = None
    status: Annotated[Status | None, About("Only this status.")] = None
    tag: Annotated[str | None, About("Only runs with this tag.", max_length=500)] = None
    q: Annotated[
        str | None,
        About("Filter language: `params.lr < 1e-3 and tags has best`; words search.", max_length=10_000),
    ] = None
    include_deleted: Annotated[bool, About("The recycle bin too.")] = False


@frozen
class TagBody:
    run_ids: RunNames
    value: Tags


@frozen
class FlagBody:
    run_ids: RunNames
    value: bool = True


@frozen
class NoteBody:
    run_ids: RunNames
    value: Note


class Updated(TypedDict):
    """How many runs were changed, and why others were not; ``change`` is what ``POST /api/changes/undo`` takes."""

    updated: int
    errors: dict[str, str]
    change: str | None


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    cache = RowCache()

    def experiments(call: Call[ExperimentsQuery, NoBody]) -> Reply:
        """Runs, newest first. Always complete."""
        deleted = None if call.query.include_deleted else False
        if call.query.q:
            records = choose_runs(store, call.query.q, deleted=deleted)
        else:
            records = store.list_runs(deleted=deleted)
        found = [record for record in records if matches(record, call.query)]
        content = cache.encode(found)
        if call.query.include_deleted and not call.query.q:
            cache.keep_only(records)
        return Reply(content, headers={"Cache-Control": "no-cache"})

    def tag(call: Call[NoQuery, TagBody]) -> Updated:
        """Replace the tags of runs."""
        return change_each(store, call.body.run_ids, lambda manager, runs: manager.tag(runs, replace=call.body.value))

    def pin(call: Call[NoQuery, FlagBody]) -> Updated:
        """Pin runs to the top, or unpin them."""
        return change_each(store, call.body.run_ids, lambda manager, runs: manager.pin(runs, call.body.value))

    def archive(call: Call[NoQuery, FlagBody]) -> Updated:
        """Archive runs (hidden from lists, nothing is removed), or bring them back."""
        return change_each(store, call.body.run_ids, lambda manager, runs: manager.archive(runs, call.body.value))

    def note(call: Call[NoQuery, NoteBody]) -> Updated:
        """Replace the note of runs."""
        return change_each(store, call.body.run_ids, lambda manager, runs: manager.note(runs, call.body.value))

    yield Endpoint("GET", "/api/experiments", experiments, answer=list[Row], query=ExperimentsQuery)
    yield Endpoint("POST", "/api/experiments/tag", tag, answer=Updated, body=TagBody)
    yield Endpoint("POST", "/api/experiments/pin", pin, answer=Updated, body=FlagBody)
    yield Endpoint("POST", "/api/experiments/archive", archive, answer=Updated, body=FlagBody)
    yield Endpoint("POST", "/api/experiments/note", note, answer=Updated, body=NoteBody)


def matches(record: ExperimentRecord, query: ExperimentsQuery) -> bool:
    ref = record.ref
    if query.project is not None and ref.project != query.project:
        return False
    if query.name is not None and ref.name != query.name:
        return False
    if query.status is not None and record.status != query.status:
        return False
    return query.tag is None or query.tag in record.tags


def change_each(
    store: Store, names: Iterable[str], change: Callable[[ExperimentManager, list[RunRef]], Outcome]
) -> Updated:
    """Change several runs that a request names; one that fails does not stop the others, and all can be undone."""
    from runicorn import ExperimentManager

    finder = Finder(store)
    found: dict[str, tuple[str, RunRef]] = {}
    errors: dict[str, str] = {}
    for name in unique(names):
        try:
            ref = finder.only(name).ref
            found.setdefault(ref.folder, (name, ref))
        except Problem as problem:
            errors[name] = str(problem)
    outcome = change(ExperimentManager(store), [ref for _, ref in found.values()])
    errors |= {found[folder][0]: reason for folder, reason in outcome.errors.items()}
    return {"updated": len(outcome.changed), "errors": errors, "change": outcome.change}
