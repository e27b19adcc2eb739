"""Artifacts in archives of runs: the versions that the runs made and used, with their content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path

from runicorn.contracts import PartFile, PlacedPart
from runicorn.contracts.artifacts import BlobStore
from runicorn.model.run import ExperimentRecord
from runicorn.serialize import number

from .blobs import OBJECTS, blob_digest, blob_key, read_verified
from .errors import ArtifactDamaged, ArtifactNotFound
from .history import joined
from .manifest import Manifest, RunLink, VersionRecord
from .names import Name, check_name, check_type
from .opening import open_repository
from .repository import EVENTS, VERSIONS, ArtifactRepository
from .uses import USED_BY, USES
from .version import Version


class ArchivedArtifacts:
    """The blobs of a store, by the keys that they have there."""

    name = "artifacts"

    def files(self, root: Path, runs: Sequence[ExperimentRecord]) -> Iterable[PartFile]:
        repository = open_repository(root)
        keys: dict[str, None] = {}
        for version in _versions(repository, runs):
            keys.update(dict.fromkeys(_keys(repository, version)))
        keys.update(dict.fromkeys(_uses(repository, runs)))
        return [PartFile(key, partial(repository.store.open, key)) for key in keys]

    def place(self, root: Path, folder: Path) -> PlacedPart:
        """Content first, then the versions: a version is never seen without its files."""
        repository = open_repository(root)
        files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
        for key, path in files.items():
            if key.startswith(OBJECTS):
                _place_blob(repository.store, key, path)
        records = [_record(key, path) for key, path in files.items() if key.startswith(VERSIONS)]
        placed = [record for record in records if _place_version(repository, record)]
        moved = [record for record in records if not _there(repository, record)]  # their number is another one's
        told = [f"{r.link} is another version here; the archive's is {_commit(repository, r)}" for r in moved]
        fresh = {Name(record.type, record.name) for record in records}
        for name in sorted(fresh):
            prefix = f"{EVENTS}{name.type}/{name.name}/"
            events = [(key, path.read_bytes()) for key, path in files.items() if key.startswith(prefix)]
            _place_events(repository, name, events)
        for key, path in files.items():
            if key.startswith((USES, USED_BY)):
                repository.store.create(key, path.read_bytes())
        return PlacedPart(len(placed) + len(moved), told)


def _versions(repository: ArtifactRepository, runs: Sequence[ExperimentRecord]) -> Iterator[Version]:
    """Those that the runs' documents name and that are here, in today's form."""
    seen = set()
    for run in runs:
        for link in (*run.artifacts_created, *run.artifacts_used):
            which = number(link.get("version"))
            if which is None:
                continue
            asked = (str(link.get("type")), str(link.get("name")), int(which))
            if asked in seen:
                continue
            seen.add(asked)
            try:
                version = repository.version(Name(asked[0], asked[1]), asked[2])
            except ArtifactNotFound:
                continue  # it was removed
            if version.older is None:
                yield version


def _keys(repository: ArtifactRepository, version: Version) -> Iterator[str]:
    record, name = version.record, version.of
    yield blob_key(record.manifest)
    for entry in repository.manifest(version).files:
        yield from map(blob_key, entry.blobs)
    yield f"{VERSIONS}{name.type}/{name.name}/v{version.number}.json"
    yield from repository.event_keys(name)


def _uses(repository: ArtifactRepository, runs: Sequence[ExperimentRecord]) -> Iterator[str]:
    for run in runs:
        yield from repository.uses.keys_by(RunLink(run.ref.id, run.ref.project, run.ref.name))


def _place_blob(store: BlobStore, key: str, path: Path) -> None:
    found = store.stat(key)
    if found is not None and found.size == path.stat().st_size and store.touch(key):
        return
    data = path.read_bytes()
    if key != blob_key(sha256(data).hexdigest()):
        raise ArtifactDamaged("the archive", blob_digest(key), "is not what its name says")
    store.put(key, data)


def _record(key: str, path: Path) -> VersionRecord:
    """:raises RunicornError: it is none, or is not the version that its place says."""
    try:
        record = VersionRecord.decode(path.read_bytes())
    except ValueError as error:
        raise ArtifactDamaged("the archive", key, "is no version of an artifact") from error
    check_type(record.type)
    check_name(record.name)
    if key != f"{VERSIONS}{record.type}/{record.name}/v{record.version}.json":
        raise ArtifactDamaged("the archive", key, f"says that it is {record.link}")
    return record


def _place_version(repository: ArtifactRepository, record: VersionRecord) -> bool:
    """Whether the version is new here, under the number that it had."""
    manifest = _manifest(repository, record)
    missing = [e for e in manifest.files for blob in e.blobs if repository.store.stat(blob_key(blob)) is None]
    if missing:
        raise ArtifactDamaged(str(record.link), missing[0].path, "is not in the archive")
    if _there(repository, record):
        return False
    key = f"{VERSIONS}{record.type}/{record.name}/v{record.version}.json"
    return repository.store.create(key, record.encode())


def _there(repository: ArtifactRepository, record: VersionRecord) -> bool:
    """Whether the version is here, under whatever number."""
    try:
        known = repository.versions(Name(record.type, record.name), deleted=True)
    except ArtifactNotFound:
        return False
    mark = (record.manifest, record.created_at)
    return any((version.record.manifest, version.record.created_at) == mark for version in known)


def _commit(repository: ArtifactRepository, record: VersionRecord) -> Version:
    return repository.commit(record, _manifest(repository, record))[0]


def _manifest(repository: ArtifactRepository, record: VersionRecord) -> Manifest:
    """:raises ArtifactDamaged: it is not in the archive, or not what it was."""
    try:
        return Manifest.decode(read_verified(repository.store, record.manifest))
    except (KeyError, ValueError) as error:
        raise ArtifactDamaged(str(record.link), "the list of files", "cannot be read") from error


def _place_events(repository: ArtifactRepository, name: Name, events: Sequence[tuple[str, bytes]]) -> None:
    """The whole history where there is none; else only aliases that nobody has given here."""
    if not repository.history(name):
        for key, data in events:
            repository.store.create(key, data)
        return
    given = repository.aliases(name)
    for alias, version in joined(data for _, data in events).aliases.items():
        if alias not in given and any(there.number == version for there in repository.versions(name)):
            repository.set_alias(repository.version(name, version), alias)
