"""Projects and names: the tree that runs hang in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, TypedDict

from attrs import frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody, NoQuery, Reply
from runicorn.errors import Problem
from runicorn.model.run import ExperimentRecord

from .rows import Row, RowCache

Project = Annotated[str, About("A project.", max_length=500)]


class NameAnswer(TypedDict):
    """One name of a project. `last_activity`: the newest sign of life of its runs, Unix seconds."""

    name: str
    runs: int
    running: int
    last_activity: float


class ProjectAnswer(TypedDict):
    """One project and its names."""

    project: str
    runs: int
    running: int
    last_activity: float
    names: list[NameAnswer]


@frozen
class NamesQuery:
    project: Project


@frozen
class ProjectRunsQuery:
    project: Project
    name: Annotated[str | None, About("Only this name.", max_length=2000)] = None


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    cache = RowCache()

    def projects(_: Call[NoQuery, NoBody]) -> list[ProjectAnswer]:
        """All projects with their names, the most recently active first. The recycle bin does not count."""
        return tree(store.list_runs())

    def names(call: Call[NamesQuery, NoBody]) -> list[NameAnswer]:
        """The names of one project, the most recently active first."""
        return tree(of_project(store, call.query.project))[0]["names"]

    def runs(call: Call[ProjectRunsQuery, NoBody]) -> Reply:
        """The runs of one project, or of one of its names, newest first."""
        found = of_project(store, call.query.project)
        name = call.query.name
        content = cache.encode(record for record in found if name is None or record.ref.name == name)
        return Reply(content, headers={"Cache-Control": "no-cache"})

    absent = {404: "There is no such project."}
    yield Endpoint("GET", "/api/projects", projects, answer=list[ProjectAnswer])
    yield Endpoint("GET", "/api/projects/names", names, answer=list[NameAnswer], query=NamesQuery, statuses=absent)
    yield Endpoint("GET", "/api/projects/runs", runs, answer=list[Row], query=ProjectRunsQuery, statuses=absent)


def of_project(store: Store, project: str) -> Sequence[ExperimentRecord]:
    """:raises Problem: 404."""
    found = [record for record in store.list_runs() if record.ref.project == project]
    if not found:
        raise Problem(404, "project-not-found", f"there is no project {project!r}", project=project)
    return found


def tree(records: Iterable[ExperimentRecord]) -> list[ProjectAnswer]:
    """Records grouped by project and name."""
    grouped: dict[str, dict[str, NameAnswer]] = {}
    for record in records:
        names = grouped.setdefault(record.ref.project, {})
        new: NameAnswer = {"name": record.ref.name, "runs": 0, "running": 0, "last_activity": 0.0}
        answer = names.setdefault(record.ref.name, new)
        answer["runs"] += 1
        answer["running"] += record.status == "running"
        seen = max(record.created_at, record.heartbeat_at or 0.0, record.ended_at or 0.0)
        answer["last_activity"] = max(answer["last_activity"], seen)
    projects: list[ProjectAnswer] = []
    for project, names in grouped.items():
        rows = sorted(names.values(), key=lambda answer: -answer["last_activity"])
        projects.append(
            {
                "project": project,
                "runs": sum(row["runs"] for row in rows),
                "running": sum(row["running"] for row in rows),
                "last_activity": rows[0]["last_activity"],
                "names": rows,
            }
        )
    return sorted(projects, key=lambda answer: -answer["last_activity"])
