"""Changes of versions over HTTP: aliases, notes, the recycle bin, the life of a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from attrs import frozen
from runicorn.contracts.http import About, Call, Endpoint, NoBody
from runicorn.types import JSON

from .names import Asked
from .repository import ArtifactRepository
from .routes import Name, NameQuery, Number, Type, VersionQuery, find, problems
from .shapes import VersionRow

Stage = Literal["experimental", "staging", "production", "archived"]
Alias = Annotated[str, About("A name that points at one version.", min_length=1, max_length=200)]


@frozen
class DeleteQuery:
    name: Name
    version: Number
    type: Type = None
    permanent: Annotated[bool, About("Remove it for good instead of moving it to the recycle bin.")] = False
    force: Annotated[bool, About("Even if something depends on it.")] = False


@frozen
class AliasBody:
    alias: Alias


@frozen
class EditBody:
    description: Annotated[str | None, About(max_length=100_000)] = None
    tags: Annotated[tuple[str, ...] | None, About(max_items=200)] = None


@frozen
class PromoteBody:
    to_stage: Stage
    note: Annotated[str, About("Why.", max_length=10_000)] = ""
    run_id: Annotated[str | None, About("The run that it was judged by.", max_length=500)] = None


@frozen
class EvaluateBody:
    metrics: Annotated[dict[str, float], About("Name -> value.")]
    dataset: Annotated[str, About("What it was evaluated on.", max_length=1000)] = ""
    run_id: Annotated[str | None, About("The run that evaluated it.", max_length=500)] = None


def routes(repository: Callable[[], ArtifactRepository]) -> Iterable[Endpoint[Any, Any]]:
    def delete(call: Call[DeleteQuery, NoBody]) -> dict[str, JSON]:
        """Move a version to the recycle bin, or remove it for good. 409 where something depends on it."""
        with problems():
            repo, query = repository(), call.query
            version = find(repo, query)
            if query.permanent:
                repo.purge(version, force=query.force)
            else:
                repo.delete(version, force=query.force)
        return {"deleted": str(version), "permanent": query.permanent}

    def restore(call: Call[VersionQuery, NoBody]) -> dict[str, JSON]:
        """Bring a version back from the recycle bin."""
        with problems():
            repo = repository()
            version = find(repo, call.query)
            repo.restore(version)
            return find(repo, call.query).document()

    def add_alias(call: Call[VersionQuery, AliasBody]) -> dict[str, JSON]:
        """Point an alias at a version."""
        with problems():
            repo = repository()
            repo.set_alias(find(repo, call.query), call.body.alias)
            return find(repo, call.query).document()

    def remove_alias(call: Call[VersionQuery, AliasBody]) -> dict[str, JSON]:
        """Take an alias away."""
        with problems():
            repo = repository()
            version = find(repo, call.query)
            repo.remove_alias(version, call.body.alias)
            return find(repo, call.query).document()

    def edit(call: Call[VersionQuery, EditBody]) -> dict[str, JSON]:
        """Replace description or tags."""
        changes: dict[str, JSON] = {}
        if call.body.description is not None:
            changes["description"] = call.body.description
        if call.body.tags is not None:
            changes["tags"] = list(call.body.tags)
        with problems():
            repo = repository()
            return repo.edit(find(repo, call.query), changes).document()

    def promote(call: Call[VersionQuery, PromoteBody]) -> dict[str, JSON]:
        """Move a version to a stage; `name:stage` then names it."""
        with problems():
            repo, body = repository(), call.body
            version = find(repo, call.query)
            repo.promote(version, body.to_stage, body.note, body.run_id)
            return find(repo, call.query).document()

    def evaluate(call: Call[VersionQuery, EvaluateBody]) -> dict[str, JSON]:
        """Keep the outcome of an evaluation with a version."""
        with problems():
            repo, body = repository(), call.body
            repo.evaluate(find(repo, call.query), dict(body.metrics), body.dataset, body.run_id)
            return find(repo, call.query).document()

    def life(call: Call[NameQuery, NoBody]) -> dict[str, JSON]:
        """The stages of a model's versions, and how they came there."""
        with problems():
            repo = repository()
            name = repo.name(Asked(call.query.name, call.query.type))
            history: list[JSON] = [
                {"at": event.at, "kind": event.kind, "version": event.version, **event.data}
                for event in repo.history(name)
            ]
            versions: list[JSON] = [
                {"version": v.number, "stage": v.state.stage, "transitions": list(v.state.transitions),
                 "evaluations": list(v.state.evaluations)}
                for v in repo.versions(name)
            ]  # fmt: skip
            return {"name": name.name, "type": name.type, "versions": versions, "history": history}

    base, cycle = "/api/artifacts/{name}/v{version}", "/api/model-lifecycle/{name}/v{version}"
    yield Endpoint("DELETE", base, delete, answer=dict[str, JSON], query=DeleteQuery)
    yield Endpoint("PATCH", base, edit, answer=VersionRow, query=VersionQuery, body=EditBody)
    yield Endpoint("POST", f"{base}/restore", restore, answer=VersionRow, query=VersionQuery)
    yield Endpoint("POST", f"{base}/aliases", add_alias, answer=VersionRow, query=VersionQuery, body=AliasBody)
    yield Endpoint("DELETE", f"{base}/aliases", remove_alias, answer=VersionRow, query=VersionQuery, body=AliasBody)
    yield Endpoint("POST", f"{cycle}/promote", promote, answer=VersionRow, query=VersionQuery, body=PromoteBody)
    yield Endpoint("POST", f"{cycle}/evaluate", evaluate, answer=VersionRow, query=VersionQuery, body=EvaluateBody)
    yield Endpoint("GET", "/api/model-lifecycle/{name}", life, answer=dict[str, JSON], query=NameQuery)
