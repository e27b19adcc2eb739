"""The list of runs, and what people write about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypedDict

from attrs import frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody, Reply
from runicorn.errors import Problem, RunicornError
from runicorn.filters import choose_runs
from runicorn.model.run import ExperimentRecord, Status
from runicorn.types import JSON, JSONObject

from .lookup import Finder, unique
from .rows import Row, RowCache

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
    """How many runs were changed, and why others were not."""

    updated: int
    errors: dict[str, str]


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

    def tag(call: Call[TagBody, TagBody]) -> Updated:
        """Replace the tags of runs."""
        return update_all(store, call.body.run_ids, {"tags": list(call.body.value)})

    def pin(call: Call[Any, FlagBody]) -> Updated:
        """Pin runs to the top, or unpin them."""
        return update_all(store, call.body.run_ids, {"pinned": call.body.value})

    def archive(call: Call[Any, FlagBody]) -> Updated:
        """Archive runs (hidden from lists, nothing is removed), or bring them back."""
        return update_all(store, call.body.run_ids, {"archived": call.body.value})

    def note(call: Call[Any, NoteBody]) -> Updated:
        """Replace the note of runs."""
        return update_all(store, call.body.run_ids, {"note": call.body.value})

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


def update_all(store: Store, names: Iterable[str], changes: Mapping[str, JSON]) -> Updated:
    """Change what people wrote about several runs; one that fails does not stop the others."""
    finder, updated, errors = Finder(store), 0, {}
    for name in unique(names):
        try:
            store.update_user(finder.find(name).ref, lambda old: merged(old, changes))
            updated += 1
        except (Problem, RunicornError) as error:
            errors[name] = str(error)
    return {"updated": updated, "errors": errors}


def merged(old: Mapping[str, JSON], changes: Mapping[str, JSON]) -> JSONObject:
    return {**old, **changes}
