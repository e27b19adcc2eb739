"""Artifacts over HTTP: what there is, what is in it, and where it comes from. Changes stand in ``routes_change``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

from attrs import frozen
from runicorn.contracts.http import About, Call, Endpoint, NoBody, NoQuery, Reply
from runicorn.errors import Problem
from runicorn.types import JSON

from .cleaning import statistics
from .diff import compare
from .errors import AmbiguousArtifact, ArtifactDamaged, ArtifactInUse, ArtifactNotFound
from .lineage import Graph, LineageTracker
from .manifest import FileEntry
from .names import Asked
from .opening import open_repository
from .repository import ArtifactRepository
from .shapes import ArtifactRow, Files, GraphAnswer, RunArtifacts, Stats, VersionAnswer, VersionRow
from .version import Version

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

_PIECE = 1 << 20

Name = Annotated[str, About("The artifact's name.", max_length=400)]
Type = Annotated[str | None, About("Its type, where several have this name.", max_length=400)]
Number = Annotated[int, About("The version's number.", minimum=1, maximum=999_999_999)]
Depth = Annotated[int, About("Steps from it; a run between two versions is one.", minimum=0, maximum=50)]


@frozen
class ListQuery:
    type: Type = None
    include_deleted: Annotated[bool, About("Versions in the recycle bin too.")] = False


@frozen
class NameQuery:
    name: Name
    type: Type = None
    include_deleted: Annotated[bool, About("Versions in the recycle bin too.")] = False


@frozen
class VersionQuery:
    name: Name
    version: Number
    type: Type = None


@frozen
class FileQuery:
    name: Name
    version: Number
    path: Annotated[str, About("A file's path in the version.", max_length=4000)]
    type: Type = None


@frozen
class LineageQuery:
    name: Name
    version: Number
    type: Type = None
    max_depth: Depth = 3
    direction: Annotated[Literal["up", "down", "both"], About("Where it comes from, what became of it, or both.")] = (
        "both"
    )


@frozen
class DiffQuery:
    name: Name
    version: Number
    other: Number
    type: Type = None
    tensors: Annotated[bool, About("Look into .safetensors and .npz files.")] = True


@frozen
class RunQuery:
    id: Annotated[str, About("The run's id.", max_length=500)]
    max_depth: Depth = 3


def routes(viewer: Viewer) -> Iterable[Endpoint[Any, Any]]:
    """Every endpoint of this plugin."""
    from .routes_change import routes as changing

    root = viewer.store.root

    def repository() -> ArtifactRepository:
        return open_repository(root)

    def listing(call: Call[ListQuery, NoBody]) -> list[dict[str, JSON]]:
        """Every artifact with its newest version."""
        with problems():
            repo = repository()
            rows: list[dict[str, JSON]] = []
            for name in repo.names(call.query.type):
                versions = repo.versions(name, deleted=call.query.include_deleted)
                if versions:
                    aliases = {alias: version.number for version in versions for alias in version.aliases}
                    head: dict[str, JSON] = {"name": name.name, "type": name.type, "versions": len(versions)}
                    rows.append({**head, "aliases": aliases, "latest": versions[-1].document()})
            return rows

    def stats(_: Call[NoQuery, NoBody]) -> Stats:
        """How much is kept, and what storing content once saves."""
        with problems():
            found = statistics(repository())
        return {
            "artifacts": found.artifacts,
            "versions": found.versions,
            "stated_bytes": found.stated_bytes,
            "stored_bytes": found.stored_bytes,
            "by_type": found.by_type,
        }

    def versions(call: Call[NameQuery, NoBody]) -> list[dict[str, JSON]]:
        """The versions of an artifact, oldest first."""
        with problems():
            repo = repository()
            name = repo.name(Asked(call.query.name, call.query.type))
            found = repo.versions(name, deleted=call.query.include_deleted)
            return [each.document() for each in found]

    def version(call: Call[VersionQuery, NoBody]) -> dict[str, JSON]:
        """One version with its files; one in the recycle bin too."""
        with problems():
            repo = repository()
            found = find(repo, call.query)
            users: list[JSON] = [
                {"id": use.run.id, "project": use.run.project, "name": use.run.name, "at": use.at}
                for use in repo.uses.of(found.link)
            ]
            return {**found.document(), "manifest": repo.manifest(found).document(), "used_by": users}

    def files(call: Call[VersionQuery, NoBody]) -> dict[str, JSON]:
        """The files of a version, and what it refers to."""
        with problems():
            repo = repository()
            return repo.manifest(find(repo, call.query)).document()

    def file(call: Call[FileQuery, NoBody]) -> Reply:
        """The content of a file, for download."""
        with problems():
            repo = repository()
            found = find(repo, call.query)
            entry = repo.manifest(found).file(call.query.path)
            if entry is None:
                raise Problem(404, "file-not-found", f"{found} holds no file {call.query.path!r}", file=call.query.path)
            return _content(repo, found, entry, call)

    def lineage(call: Call[LineageQuery, NoBody]) -> dict[str, JSON]:
        """What a version was made from, and what became of it."""
        with problems():
            repo = repository()
            tracker, query = LineageTracker(repo), call.query
            return tracker.of_version(find(repo, query), query.max_depth, query.direction).document()

    def run_lineage(call: Call[RunQuery, NoBody]) -> dict[str, JSON]:
        """The versions around a run."""
        with problems():
            tracker = LineageTracker(repository())
            run = tracker.run_of(call.query.id)
            graph = Graph((), ()) if run is None else tracker.of_run(run, call.query.max_depth)
            return graph.document()

    def diff(call: Call[DiffQuery, NoBody]) -> dict[str, JSON]:
        """What is different in version `other`, seen from `version`."""
        with problems():
            repo = repository()
            name = repo.name(Asked(call.query.name, call.query.type))
            old, new = repo.version(name, call.query.version), repo.version(name, call.query.other)
            return compare(repo, old, new, tensors=call.query.tensors).document()

    def of_run(call: Call[RunQuery, NoBody]) -> RunArtifacts:
        """What a run created and used, as it is now."""
        with problems():
            repo = repository()
            found = viewer.store.find_runs(call.query.id)
            if not found:
                raise Problem(404, "run-not-found", f"there is no run {call.query.id!r}", id=call.query.id)
            record = found[0]
            return {
                "created": [_linked(repo, entry) for entry in record.artifacts_created],
                "used": [_linked(repo, entry) for entry in record.artifacts_used],
            }

    base = "/api/artifacts/{name}/v{version}"
    yield Endpoint("GET", "/api/artifacts", listing, answer=list[ArtifactRow], query=ListQuery)
    yield Endpoint("GET", "/api/artifacts/stats", stats, answer=Stats)
    yield Endpoint("GET", "/api/artifacts/{name}/versions", versions, answer=list[VersionRow], query=NameQuery)
    yield Endpoint("GET", f"{base}/files", files, answer=Files, query=VersionQuery)
    yield Endpoint(
        "GET", f"{base}/files/{{path:path}}", file, query=FileQuery, also={"application/octet-stream": "The file."},
        statuses={304: "The client has it."},
    )  # fmt: skip
    yield Endpoint("GET", f"{base}/lineage", lineage, answer=GraphAnswer, query=LineageQuery)
    yield Endpoint("GET", f"{base}/diff", diff, answer=dict[str, JSON], query=DiffQuery)
    yield Endpoint("GET", base, version, answer=VersionAnswer, query=VersionQuery)
    yield Endpoint("GET", "/api/experiments/{id}/artifacts", of_run, answer=RunArtifacts, query=RunQuery)
    yield Endpoint("GET", "/api/experiments/{id}/lineage", run_lineage, answer=GraphAnswer, query=RunQuery)
    yield from changing(repository)


def find(repo: ArtifactRepository, query: Any) -> Version:
    """The version that a request names."""
    return repo.version(repo.name(Asked(query.name, query.type)), query.version)


@contextmanager
def problems() -> Iterator[None]:
    """Errors of this plugin as answers."""
    try:
        yield
    except ArtifactNotFound as error:
        raise Problem(404, "artifact-not-found", str(error), artifact=error.asked) from error
    except AmbiguousArtifact as error:
        raise Problem(409, "artifact-ambiguous", str(error), types=list(error.types)) from error
    except ArtifactInUse as error:
        raise Problem(409, "artifact-in-use", str(error), users=list(error.users)) from error
    except ArtifactDamaged as error:
        raise Problem(409, "artifact-damaged", str(error), path=error.path) from error


def _content(repo: ArtifactRepository, version: Version, entry: FileEntry, call: Call[Any, Any]) -> Reply:
    etag = f'"{entry.digest}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, max-age=604800, immutable",
        # Never shown by the browser as part of this site: whatever a model's author put there.
        "Content-Disposition": "attachment",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    if call.holds(etag):
        return Reply(status=304, headers=headers)
    file = repo.open(version, entry)

    def pieces() -> Iterator[bytes]:
        with file:
            while piece := file.read(_PIECE):
                yield piece

    headers["Content-Length"] = str(entry.size)
    return Reply(pieces(), 200, "application/octet-stream", headers)


def _linked(repo: ArtifactRepository, entry: Any) -> dict[str, JSON]:
    """What a run noted, with what is known of that version now."""
    number = entry.get("version")
    try:
        name = repo.name(Asked(str(entry.get("name")), None if entry.get("type") is None else str(entry["type"])))
        return repo.version(name, int(str(number).removeprefix("v"))).document()
    except (LookupError, ValueError):
        return {**entry, "deleted_at": None, "missing": True}  # removed for good, or another root's
