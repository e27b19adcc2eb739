"""Groups, tags in bulk, moving, clean-ups, disk usage, and undo."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypedDict

from attrs import asdict, frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody, NoQuery
from runicorn.model.run import Status

from .experiments import RunNames, Updated, change_each

Name = Annotated[str, About(min_length=1, max_length=500)]
Tag = Annotated[str, About(min_length=1, max_length=200)]


@frozen
class TagsBody:
    run_ids: RunNames
    add: Annotated[tuple[Tag, ...], About(max_items=200)] = ()
    remove: Annotated[tuple[Tag, ...], About(max_items=200)] = ()


@frozen
class GroupBody:
    run_ids: RunNames
    value: Annotated[str | None, About("Null: the group that the process gave, if any.", max_length=500)]


@frozen
class MoveBody:
    """What is left out stays as it is."""

    run_ids: RunNames
    project: Name | None = None
    name: Annotated[str | None, About("One or more segments with /.", min_length=1, max_length=2000)] = None


@frozen
class CleanupBody:
    """Runs that meet everything that is given; running, pinned and archived ones are never taken."""

    older_than_s: Annotated[float | None, About("Seconds since their end.", minimum=0)] = None
    statuses: Annotated[tuple[Status, ...], About("Empty: any.", max_items=10)] = ()
    larger_than: Annotated[int | None, About("Bytes.", minimum=0)] = None
    project: Name | None = None
    dry_run: Annotated[bool, About("Only say which.")] = True


@frozen
class UndoBody:
    change: Annotated[str | None, About("Null: the newest.", max_length=100)] = None


class Cleaned(TypedDict):
    runs: Annotated[list[str], About("Folders.")]
    bytes: int
    done: bool
    errors: dict[str, str]
    change: str | None


class Usage(TypedDict):
    project: str
    runs: int
    bytes: int
    deleted_runs: int
    deleted_bytes: int


class ChangeRow(TypedDict):
    id: str
    time: float
    what: str
    kind: Literal["user", "delete", "restore", "move"]
    runs: list[str]


class Undone(TypedDict):
    undone: Annotated[list[str], About("Folders.")]
    errors: Annotated[dict[str, str], About("What was changed since then stays.")]


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    from runicorn import ExperimentManager
    from runicorn.managing import CleanupRule

    manager = ExperimentManager(store)

    def tags(call: Call[NoQuery, TagsBody]) -> Updated:
        """Add tags to runs, and take some away."""
        body = call.body
        return change_each(store, body.run_ids, lambda m, runs: m.tag(runs, body.add, remove=body.remove))

    def group(call: Call[NoQuery, GroupBody]) -> Updated:
        """Put runs into a group."""
        return change_each(store, call.body.run_ids, lambda m, runs: m.group(runs, call.body.value))

    def move(call: Call[NoQuery, MoveBody]) -> Updated:
        """Move runs to another project or name. Runs that are being written stay, and say so."""
        body = call.body
        return change_each(store, body.run_ids, lambda m, runs: m.move(runs, body.project, body.name))

    def cleanup(call: Call[NoQuery, CleanupBody]) -> Cleaned:
        """Move runs to the recycle bin by age, status and size; by default only say which."""
        body = call.body
        rule = CleanupRule(body.older_than_s, body.statuses, body.larger_than, body.project)
        found = manager.cleanup(rule, dry_run=body.dry_run)
        folders = [ref.folder for ref in found.runs]
        errors = dict(found.errors)
        return {"runs": folders, "bytes": found.bytes, "done": found.done, "errors": errors, "change": found.change}

    def usage(_: Call[NoQuery, NoBody]) -> list[Usage]:
        """Disk space of each project, the largest first. Walks all run folders."""
        return [asdict(row) for row in manager.usage()]  # type: ignore[misc]  # the same members

    def changes(_: Call[NoQuery, NoBody]) -> list[ChangeRow]:
        """What can be undone, newest first."""
        return [
            {"id": c.id, "time": c.time, "what": c.what, "kind": c.kind, "runs": [str(s["folder"]) for s in c.steps]}  # type: ignore[typeddict-item]
            for c in manager.changes()
        ]

    def undo(call: Call[NoQuery, UndoBody]) -> Undone:
        """Undo a change of runs."""
        outcome = manager.undo(call.body.change)
        return {"undone": list(outcome.changed), "errors": dict(outcome.errors)}

    yield Endpoint("POST", "/api/experiments/tags", tags, answer=Updated, body=TagsBody)
    yield Endpoint("POST", "/api/experiments/group", group, answer=Updated, body=GroupBody)
    yield Endpoint("POST", "/api/experiments/move", move, answer=Updated, body=MoveBody)
    yield Endpoint("POST", "/api/experiments/cleanup", cleanup, answer=Cleaned, body=CleanupBody)
    yield Endpoint("GET", "/api/usage", usage, answer=list[Usage])
    yield Endpoint("GET", "/api/changes", changes, answer=list[ChangeRow])
    yield Endpoint("POST", "/api/changes/undo", undo, answer=Undone, body=UndoBody)
