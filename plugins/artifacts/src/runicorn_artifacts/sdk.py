"""``run.log_artifact`` and ``run.use_artifact``, and the same without a run."""

from __future__ import annotations

import getpass
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.errors import StorageError
from runicorn.hashes import KnownHashes
from runicorn.model.alert import Alert
from runicorn.model.artifact import ArtifactLink
from runicorn.types import JSON, PathLike

from .artifact import Artifact
from .blobs import Blobs
from .errors import ArtifactNotFound, InvalidArtifact
from .handle import ArtifactVersion
from .ingest import Ingest, Told
from .lineage import descends_from
from .manifest import Link, Manifest, RunLink, VersionRecord
from .names import check_alias
from .opening import open_repository
from .repository import ArtifactRepository
from .version import Version

if TYPE_CHECKING:
    from runicorn.contracts import RunView


def log_artifact(
    run: RunView, artifact: Artifact, aliases: Iterable[str] = (), *, progress: Told | None = None
) -> ArtifactVersion | None:
    """Commit an artifact as a version that this run created.

    Returns when the version is stored. Content equal to the latest version gives that version back. The versions that
    the run has used before become its parents.

    :param aliases: names to point at it, e.g. ``best``; ``latest`` moves by itself.
    :param progress: called with how far it is, from several threads.
    :returns: the version; None when the storage failed (disk full, store out of reach): the training goes on, the run
        gets an alert, and nothing of the version is visible.
    :raises InvalidArtifact: a file cannot be read, or the artifact holds nothing.
    :raises UnsafePath: an alias cannot be one.
    """
    link = RunLink(run.id, run.project, run.name)
    parents = [Link(used.type, used.name, used.version) for used in run.artifacts_used]
    try:
        repository = open_repository(_root(run))
        version = commit(repository, artifact, aliases, run=link, parents=parents, progress=progress)
    except StorageError as error:
        title = f"artifact {artifact.type}/{artifact.name} could not be stored"
        run.raise_alert(Alert(title, str(error), "error", "artifacts"))
        return None
    run.record_artifact("created", noted(version))
    return version


def use_artifact(run: RunView, artifact: str | ArtifactVersion) -> ArtifactVersion:
    """A version that this run depends on; the lineage keeps it.

    :param artifact: ``name`` (its latest version), ``name:v3``, ``name:best``, ``name:production``,
        ``type/name:alias``, or a version itself.
    :raises ArtifactNotFound: there is none; a version is of another root.
    :raises AmbiguousArtifact: several types have one of this name.
    """
    repository = open_repository(_root(run))
    found = _here(repository, artifact) if isinstance(artifact, ArtifactVersion) else repository.find(artifact)
    link = RunLink(run.id, run.project, run.name)
    # A version that comes from this very run, at any remove, is no input of it: the graph has no cycles.
    if not descends_from(repository, found, link):
        repository.uses.add(found.link, link)
        run.record_artifact("used", noted(ArtifactVersion(repository, found)))
    return ArtifactVersion(repository, found)


def _here(repository: ArtifactRepository, given: ArtifactVersion) -> Version:
    """The version in the run's root, where it may have another one of that number."""
    version = given.record
    with suppress(ArtifactNotFound):
        here = repository.version(version.of, version.number)
        if here.record.manifest == version.record.manifest:
            return here
    why = f"it is not among the artifacts of the run, in {repository.root}; runicorn sync brings it there"
    raise ArtifactNotFound(str(version), why)


def log_artifact_anywhere(
    artifact: Artifact,
    aliases: Iterable[str] = (),
    *,
    storage: PathLike | None = None,
    progress: Told | None = None,
) -> ArtifactVersion | None:
    """``rn.log_artifact``: for the active run; where there is none, a version of no run.

    :param storage: a storage root, for a version of no run; the configured one by default.
    """
    run = _active()
    if run is not None and storage is None:
        return log_artifact(run, artifact, aliases, progress=progress)
    return commit(open_repository(storage), artifact, aliases, progress=progress)


def use_artifact_anywhere(artifact: str, *, storage: PathLike | None = None) -> ArtifactVersion:
    """``rn.use_artifact``: for the active run; where there is none, just the version."""
    run = _active()
    if run is not None and storage is None:
        return use_artifact(run, artifact)
    repository = open_repository(storage)
    return ArtifactVersion(repository, repository.find(artifact))


def commit(
    repository: ArtifactRepository,
    artifact: Artifact,
    aliases: Iterable[str] = (),
    *,
    run: RunLink | None = None,
    parents: Sequence[Link] = (),
    progress: Told | None = None,
    number: int | None = None,
    among_all: bool = False,
) -> ArtifactVersion:
    """Store the files, then make the version visible in one step.

    A process that is killed leaves nothing but blobs without an owner, which the next attempt finds again and
    ``runicorn artifacts gc`` removes.

    :param number: the number that it is to have; the next one where another version has it.
    :param among_all: content equal to any version gives that one back, not only to the latest.
    """
    named = [check_alias(alias) for alias in ([aliases] if isinstance(aliases, str) else aliases)]
    if isinstance(artifact, ArtifactVersion):
        raise InvalidArtifact(artifact.name, f"is committed as {artifact.version} already; use version.alias(...)")
    if not (artifact.sources or artifact.stored or artifact.references):
        raise InvalidArtifact(artifact.name, "holds nothing; add a file, a folder or a reference")
    metadata = artifact.plain_metadata()
    cache = KnownHashes()
    blobs = Blobs(repository.store)
    try:
        ingest = Ingest(artifact.name, blobs, cache, progress)
        ingest.keep(artifact.stored)
        files = ingest.store(artifact.sources)
    finally:
        cache.close()
    manifest = Manifest.of([*files, *artifact.stored], artifact.references)
    blobs.put(manifest.encode())
    draft = VersionRecord(
        type=artifact.type,
        name=artifact.name,
        version=0,
        created_at=time.time(),
        manifest=manifest.digest,
        size=manifest.size,
        files=len(manifest.files),
        references=len(manifest.references),
        run=run,
        parents=tuple(parents),
        description=artifact.description,
        metadata=metadata,
        tags=artifact.tags,
        user=_user(),
    )
    version, new = repository.commit(draft, manifest, number, among_all=among_all)
    if not new:
        given = (
            ("description", artifact.description, version.description),
            ("metadata", metadata, version.metadata),
            ("tags", list(artifact.tags), list(version.tags)),
        )
        changed: dict[str, JSON] = {key: value for key, value, known in given if value and value != known}
        if changed:
            version = repository.edit(version, changed)
    for alias in named:
        repository.set_alias(version, alias)
    return ArtifactVersion(repository, repository.version(version.of, version.number))


def noted(version: ArtifactVersion) -> ArtifactLink:
    """As the documents of runs name it."""
    record = version.record.record
    return ArtifactLink(record.type, record.name, record.version, record.size, record.files)


def _active() -> RunView | None:
    import runicorn

    return runicorn.get_active_run()


def _root(run: RunView) -> Path | None:
    """The storage root that holds the run; None (the configured one) while the run is kept in a spool."""
    place = f"{run.project}/{run.name}/runs/{run.id}"
    folder = run.dir.as_posix()
    return Path(folder.removesuffix(f"/{place}")) if folder.endswith(f"/{place}") else None


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return ""
