"""Artifacts in archives of runs: the versions that the runs made and used, with their content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from attrs import evolve
from runicorn.contracts import IncomingArtifact, PartFile, PlacedPart
from runicorn.contracts.artifacts import BlobStore
from runicorn.model.artifact import ArtifactLink
from runicorn.model.run import ExperimentRecord, RunRef
from runicorn.serialize import number

from .blobs import blob_digest, blob_key, read_verified
from .errors import ArtifactDamaged, ArtifactNotFound
from .history import Event, folded
from .manifest import Manifest, RunLink, VersionRecord
from .names import Name, check_name, check_type
from .older_today import files_today, manifest_today
from .opening import open_repository
from .records import VERSIONS, version_key
from .repository import EVENTS, ArtifactRepository
from .uses import USED_BY, USES, renumbered
from .version import Version


class ArchivedArtifacts:
    """The blobs of a store, by the keys that they have there."""

    name = "artifacts"

    def files(self, root: Path, runs: Sequence[ExperimentRecord]) -> Iterable[PartFile]:
        repository = open_repository(root)
        files: dict[str, PartFile] = {}
        for version in _versions(repository, runs):
            if version.older is not None:
                files |= {file.path: file for file in files_today(repository, version)}
            files |= {key: _file(repository, key) for key in _keys(repository, version)}
        files |= {key: _file(repository, key) for key in _uses(repository, runs)}
        return list(files.values())

    def keep(self, root: Path, run: RunRef | None, artifact: IncomingArtifact) -> tuple[ArtifactLink, bool]:
        from .kept import keep

        return keep(root, run, artifact)

    def place(self, root: Path, folder: Path) -> PlacedPart:
        """Content first, then the versions: a version is never seen without its files."""
        repository = open_repository(root)
        files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
        records = [_record(key, path) for key, path in files.items() if key.startswith(VERSIONS)]
        numbers = {record.link: number for record in records if (number := _number(repository, record)) is not None}
        # What an older Runicorn has here keeps its own files: content beside them would be nobody's.
        own = [r for r in records if r.link not in numbers or not _is_older(repository, r.link.of, numbers[r.link])]
        placed: set[str] = set()
        for record in own:
            _place_content(repository, record, files, placed)
            _check_whole(repository, record)
        fresh = [record for record in records if record.link not in numbers]
        numbers |= {record.link: record.version for record in fresh if _create(repository, record)}
        told = []
        for record in fresh:
            if record.link not in numbers:  # its number is another one's
                version = repository.commit(record, _manifest(repository, record))[0]
                numbers[record.link] = version.number
                what = "was removed for good" if repository.is_purged(record.link) else "is another version"
                told.append(f"{record.link} {what} here; the archive's is {version}")
        for name in sorted({record.link.of for record in records}):
            prefix = f"{EVENTS}{name.type}/{name.name}/"
            events = [_event(key, path) for key, path in files.items() if key.startswith(prefix)]
            _place_events(repository, name, events, {link.version: n for link, n in numbers.items() if link.of == name})
        for key, path in files.items():
            if key.startswith((USES, USED_BY)):
                repository.store.create(renumbered(key, numbers), path.read_bytes())
        return PlacedPart(len(fresh), told)


def _file(repository: ArtifactRepository, key: str) -> PartFile:
    return PartFile(key, partial(_opened, repository.store, key))


def _opened(store: BlobStore, key: str) -> BinaryIO:
    try:
        return store.open(key)
    except KeyError:
        raise ArtifactDamaged("the artifacts", key, "is not in the store") from None


def _versions(repository: ArtifactRepository, runs: Sequence[ExperimentRecord]) -> Iterator[Version]:
    """Those that the runs' documents name and that are here."""
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
                yield repository.version(Name(asked[0], asked[1]), asked[2])
            except ArtifactNotFound:
                continue  # it was removed


def _keys(repository: ArtifactRepository, version: Version) -> Iterator[str]:
    """Those of its blobs that are in the store."""
    if version.older is None:
        yield blob_key(version.record.manifest)
        for entry in repository.manifest(version).files:
            yield from map(blob_key, entry.blobs)
        yield version_key(version.link)
    yield from repository.event_keys(version.of)


def _uses(repository: ArtifactRepository, runs: Sequence[ExperimentRecord]) -> Iterator[str]:
    for run in runs:
        yield from repository.uses.keys_by(RunLink(run.ref.id, run.ref.project, run.ref.name))


def _is_older(repository: ArtifactRepository, name: Name, number: int) -> bool:
    return repository.version(name, number).older is not None


def _place_content(
    repository: ArtifactRepository, record: VersionRecord, files: Mapping[str, Path], placed: set[str]
) -> None:
    """The list of a version's files, then those."""

    def place(digest: str) -> None:
        key = blob_key(digest)
        if key in files and key not in placed:
            _place_blob(repository.store, key, files[key])
            placed.add(key)

    place(record.manifest)
    for entry in _manifest(repository, record).files:
        for digest in entry.blobs:
            place(digest)


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
    if key != version_key(record.link):
        raise ArtifactDamaged("the archive", key, f"says that it is {record.link}")
    return record


def _check_whole(repository: ArtifactRepository, record: VersionRecord) -> None:
    manifest = _manifest(repository, record)
    missing = [e for e in manifest.files for blob in e.blobs if repository.store.stat(blob_key(blob)) is None]
    if missing:
        raise ArtifactDamaged(str(record.link), missing[0].path, "is not in the archive")


def _create(repository: ArtifactRepository, record: VersionRecord) -> bool:
    """Whether the version could have the number here that it had."""
    if record.version in repository.numbers(record.link.of):
        return False
    return repository.store.create(version_key(record.link), record.encode())


def _number(repository: ArtifactRepository, record: VersionRecord) -> int | None:
    """Of the version, where it is here already, under whatever number."""
    try:
        known = repository.versions(record.link.of, deleted=True)
    except ArtifactNotFound:
        return None
    for each in known:
        if each.record.created_at == record.created_at:
            older = each.older is not None and manifest_today(repository, each).digest == record.manifest
            if older or each.record.manifest == record.manifest:
                return each.number
    return None


def _manifest(repository: ArtifactRepository, record: VersionRecord) -> Manifest:
    """:raises ArtifactDamaged: it is not in the archive, or not what it was."""
    try:
        return Manifest.decode(read_verified(repository.store, record.manifest))
    except (KeyError, ValueError) as error:
        raise ArtifactDamaged(str(record.link), "the list of files", "cannot be read") from error


def _event(key: str, path: Path) -> Event:
    """:raises ArtifactDamaged: it is none."""
    try:
        return Event.decode(key.rpartition("/")[2], path.read_bytes())
    except ValueError as error:
        raise ArtifactDamaged("the archive", key, "is no change of an artifact") from error


def _place_events(
    repository: ArtifactRepository, name: Name, events: Sequence[Event], numbers: Mapping[int, int]
) -> None:
    """The history of the versions that came, where there is none yet; else only aliases that nobody has given here.

    :param numbers: the number that a version had -> the one that it has here. What happened to versions that stayed
        behind stays there, too: their numbers are, or will be, those of others here.
    """
    events = sorted(events, key=lambda event: (event.order, event.name))
    if not repository.history(name):
        for event in events:
            number = numbers.get(event.version)
            if number is not None and repository.version(name, number).older is None:
                repository.bring_event(name, evolve(event, version=number))
        return
    given = repository.aliases(name)
    for alias, version in folded(events, {}).aliases.items():
        if alias not in given and version in numbers:
            repository.set_alias(repository.version(name, numbers[version]), alias)
