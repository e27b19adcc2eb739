"""A version that Runicorn 0.5 or 0.7 wrote, in today's form: what an archive holds of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from io import BytesIO

from attrs import evolve
from runicorn.contracts import PartFile
from runicorn.types import JSON

from .blobs import blob_key
from .history import Event, Kind
from .manifest import FileEntry, Manifest, VersionRecord
from .records import version_key
from .repository import EVENTS, ArtifactRepository
from .version import Version

_DIGEST = re.compile(r"[0-9a-f]{64}")


def manifest_today(repository: ArtifactRepository, version: Version) -> Manifest:
    """Its files with their digests; one that it did not keep is read for it.

    :raises ArtifactDamaged: a file is missing.
    """
    manifest = repository.manifest(version)

    def hashed(entry: FileEntry) -> FileEntry:
        if _DIGEST.fullmatch(entry.digest):
            return entry
        digest = sha256()
        with repository.open(version, entry) as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        return evolve(entry, digest=digest.hexdigest())

    return Manifest.of(map(hashed, manifest.files), manifest.references)


def files_today(repository: ArtifactRepository, version: Version) -> Iterator[PartFile]:
    """Content, record, and what the older one knew of aliases, stages, evaluations and deletion as changes."""
    manifest = manifest_today(repository, version)
    for entry in manifest.files:
        yield PartFile(blob_key(entry.digest), lambda entry=entry: repository.open(version, entry))  # type: ignore[misc]  # bound now
    yield _bytes(blob_key(manifest.digest), manifest.encode())
    record: VersionRecord = evolve(version.record, manifest=manifest.digest)
    yield _bytes(version_key(record.link), record.encode())
    name = version.of
    for event in _events(repository, version):
        yield _bytes(f"{EVENTS}{name.type}/{name.name}/{event.name}", event.encode())


def _events(repository: ArtifactRepository, version: Version) -> Iterator[Event]:
    """Earlier than everything that happened since, which are changes already."""
    before, at, number = repository.older_state(version.of), version.record.created_at, version.number
    state = before.of(number)
    happened: list[tuple[Kind, Mapping[str, JSON]]] = []
    happened += [("alias", {"alias": alias}) for alias in before.aliases_of(number)]
    happened += [("stage", step) for step in state.transitions]
    if state.stage is not None and (not state.transitions or state.transitions[-1]["to"] != state.stage):
        happened.append(("stage", {"from": None, "to": state.stage, "note": "", "run": None}))
    happened += [("evaluation", evaluation) for evaluation in state.evaluations]
    if state.deleted_at is not None:
        happened.append(("delete", {}))
    for order, (kind, data) in enumerate(happened, number * 1000):
        yield Event(order, at, kind, number, dict(data))


def _bytes(key: str, data: bytes) -> PartFile:
    return PartFile(key, lambda: BytesIO(data))
