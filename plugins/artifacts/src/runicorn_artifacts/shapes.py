"""What the endpoints of this plugin answer."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from runicorn.contracts.http import About
from runicorn.types import JSON


class VersionRow(TypedDict):
    """One version, without its files."""

    name: str
    type: str
    version: int
    created_at: float
    digest: str
    size: int
    files: int
    references: int
    run: dict[str, str] | None
    parents: list[dict[str, JSON]]
    user: str
    description: str
    metadata: dict[str, JSON]
    tags: list[str]
    aliases: list[str]
    stage: str | None
    transitions: list[dict[str, JSON]]
    evaluations: list[dict[str, JSON]]
    deleted_at: float | None
    format: str


class ArtifactRow(TypedDict):
    """One artifact and its newest version."""

    name: str
    type: str
    versions: int
    aliases: dict[str, int]
    latest: VersionRow


class FileRow(TypedDict):
    path: str
    size: int
    digest: str


class ReferenceRow(TypedDict):
    uri: str
    checksum: str | None
    size: int | None


class Files(TypedDict):
    files: list[FileRow]
    references: list[ReferenceRow]


class VersionAnswer(VersionRow):
    """A version with its files, and who used it."""

    manifest: Files
    used_by: list[dict[str, JSON]]


class NodeRow(TypedDict):
    id: str
    kind: Literal["artifact", "run", "reference"]
    label: str
    data: dict[str, JSON]


class EdgeRow(TypedDict):
    """In the direction of data: into the run that used it, out of the run that created it."""

    source: str
    target: str
    relation: Literal["created", "used", "parent", "refers"]


class GraphAnswer(TypedDict):
    nodes: list[NodeRow]
    edges: list[EdgeRow]
    truncated: bool


class Stats(TypedDict):
    artifacts: int
    versions: int
    stated_bytes: Annotated[int, About("What all versions would take, each on its own.")]
    stored_bytes: Annotated[int, About("What they take.")]
    by_type: dict[str, dict[str, int]]


class RunArtifacts(TypedDict):
    """Versions as they are now; of one that was removed for good what the run noted, and `missing`."""

    created: list[dict[str, JSON]]
    used: list[dict[str, JSON]]
