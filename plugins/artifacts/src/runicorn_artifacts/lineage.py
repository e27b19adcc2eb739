"""What came from what: runs and versions as a graph, from either end.

Edges point the way that data flow: a version into the run that used it, a run into the version it created, a reference
into the version that names it. A parent that was given by hand, without a run between, is an edge of its own.
"""

from __future__ import annotations

from collections import deque
from typing import Literal, TypeAlias

from attrs import field, frozen
from runicorn.types import JSON

from .errors import ArtifactDamaged
from .manifest import Link, RunLink
from .repository import ArtifactRepository
from .version import Version

Kind: TypeAlias = Literal["artifact", "run", "reference"]
Relation: TypeAlias = Literal["created", "used", "parent", "refers"]
Direction: TypeAlias = Literal["up", "down", "both"]

MOST_NODES = 2000


@frozen
class Node:
    id: str  # ``artifact:model/resnet:v3``, ``run:vision/sweep/2026...``, ``reference:s3://...``
    kind: Kind
    label: str
    data: dict[str, JSON] = field(factory=dict, eq=False)


@frozen
class Edge:
    source: str
    target: str
    relation: Relation


@frozen
class Graph:
    """Part of the lineage. ``truncated``: there is more beyond the depth or the number of nodes that was asked for."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    truncated: bool = False

    def document(self) -> dict[str, JSON]:
        return {
            "nodes": [{"id": n.id, "kind": n.kind, "label": n.label, "data": n.data} for n in self.nodes],
            "edges": [{"source": e.source, "target": e.target, "relation": e.relation} for e in self.edges],
            "truncated": self.truncated,
        }


class LineageTracker:
    """The lineage of one repository, as it is when this is made."""

    def __init__(self, repository: ArtifactRepository) -> None:
        self._repository = repository
        self._nodes: dict[str, Node] = {}
        self._into: dict[str, list[Edge]] = {}
        self._from: dict[str, list[Edge]] = {}
        self._read()

    def of_version(self, version: Version, depth: int = 3, direction: Direction = "both") -> Graph:
        """The surroundings of a version.

        :param depth: steps from it; a run between two versions is one step.
        :param direction: ``up`` = where it comes from, ``down`` = what became of it.
        """
        return self._around(_artifact_id(version.link), depth, direction)

    def of_run(self, run: RunLink, depth: int = 3, direction: Direction = "both") -> Graph:
        """The surroundings of a run; empty when it has none."""
        return self._around(_run_id(run), depth, direction)

    def run_of(self, run_id: str) -> RunLink | None:
        """A run that takes part, by its id."""
        for node in self._nodes.values():
            if node.kind == "run" and node.data.get("id") == run_id:
                return RunLink(run_id, str(node.data["project"]), str(node.data["name"]))
        return None

    def _around(self, start: str, depth: int, direction: Direction) -> Graph:
        if start not in self._nodes:
            return Graph((), ())
        seen, truncated = {start: 0}, False
        edges: dict[Edge, None] = {}
        for step in ("up", "down") if direction == "both" else (direction,):
            waiting, reached = deque([start]), {start: 0}
            while waiting:
                here = waiting.popleft()
                for edge in (self._into if step == "up" else self._from).get(here, ()):
                    there = edge.source if step == "up" else edge.target
                    if reached[here] >= depth or len(seen) >= MOST_NODES:
                        truncated = truncated or there not in seen
                        continue
                    edges[edge] = None
                    if there not in reached:
                        reached[there] = reached[here] + 1
                        seen.setdefault(there, reached[there])
                        waiting.append(there)
        return Graph(tuple(self._nodes[name] for name in seen), tuple(edges), truncated)

    def _read(self) -> None:
        repository = self._repository
        for name in repository.names():
            for version in repository.versions(name, deleted=True):
                self._add_version(version)
        for link, use in repository.uses.all():
            self._add_artifact(link)
            self._add_edge(_artifact_id(link), self._add_run(use.run), "used")

    def _add_version(self, version: Version) -> None:
        record = version.record
        target = _artifact_id(version.link)
        data: dict[str, JSON] = {
            "type": record.type,
            "name": record.name,
            "version": record.version,
            "size": record.size,
            "created_at": record.created_at,
            "aliases": list(version.aliases),
            "stage": version.state.stage,
            "deleted": version.deleted,
        }
        self._nodes[target] = Node(target, "artifact", str(version), data)
        if record.run is not None:
            self._add_edge(self._add_run(record.run), target, "created")
        for parent in record.parents:
            if record.run is None:  # else the run stands between
                self._add_artifact(parent)
                self._add_edge(_artifact_id(parent), target, "parent")
        try:
            references = self._repository.manifest(version).references if record.references else ()
        except ArtifactDamaged:
            return  # fsck names it
        for reference in references:
            node = Node(f"reference:{reference.uri}", "reference", reference.uri, {"size": reference.size})
            self._nodes.setdefault(node.id, node)
            self._add_edge(node.id, target, "refers")

    def _add_artifact(self, link: Link) -> None:
        """A version that is known by name only (it was removed for good), or is known already."""
        name = _artifact_id(link)
        data: dict[str, JSON] = {"type": link.type, "name": link.name, "version": link.version, "deleted": True}
        self._nodes.setdefault(name, Node(name, "artifact", str(link), data))

    def _add_run(self, run: RunLink) -> str:
        name = _run_id(run)
        data: dict[str, JSON] = {"id": run.id, "project": run.project, "name": run.name}
        self._nodes.setdefault(name, Node(name, "run", run.id, data))
        return name

    def _add_edge(self, source: str, target: str, relation: Relation) -> None:
        edge = Edge(source, target, relation)
        if edge not in self._from.setdefault(source, []):
            self._from[source].append(edge)
            self._into.setdefault(target, []).append(edge)


def descends_from(repository: ArtifactRepository, version: Version, run: RunLink) -> bool:
    """Whether a version was made by a run, or from something that was: by hand, or by a run that used it."""
    waiting, seen = deque([version.link]), {version.link}
    while waiting:
        link = waiting.popleft()
        try:
            record = repository.version(link.of, link.version).record
        except LookupError:
            continue  # removed for good
        if record.run == run:
            return True
        used = repository.uses.by(record.run) if record.run is not None else ()
        for before in (*record.parents, *used):
            if before not in seen:
                seen.add(before)
                waiting.append(before)
    return False


def _artifact_id(link: Link) -> str:
    return f"artifact:{link}"


def _run_id(run: RunLink) -> str:
    return f"run:{run}"
