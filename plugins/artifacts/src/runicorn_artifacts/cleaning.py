"""What nobody needs any more, and what is not as it should be: ``gc`` and ``fsck``."""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import field, frozen

from .blobs import OBJECTS, blob_digest
from .errors import ArtifactDamaged, ArtifactNotFound
from .history import Event
from .local_store import is_temporary
from .manifest import VersionRecord
from .records import VERSIONS
from .repository import EVENTS, ArtifactRepository
from .verify import Finding, verify


@frozen
class Collected:
    """What a collection found: every blob that is kept has a version that names it."""

    versions: int  # that were read to know what is needed
    kept: int  # blobs
    kept_bytes: int
    removed: tuple[str, ...] = ()  # keys
    removed_bytes: int = 0
    young: int = 0  # blobs without an owner that a running commit may be about to need


def collect(repository: ArtifactRepository, *, grace_s: float, dry_run: bool = False) -> Collected:
    """Remove blobs that no version names, in the recycle bin or not.

    The proof: every version is read first, and nothing is removed when one of them cannot be. A commit stores or
    touches its blobs before its version appears, so that only blobs older than ``grace_s`` are looked at.

    :param grace_s: seconds; longer than any commit takes.
    :raises ArtifactDamaged: a version or its list of files cannot be read; run ``fsck``.
    """
    store, needed, versions = repository.store, set[str](), 0
    now = time.time()
    for entry in store.list(VERSIONS):
        if is_temporary(entry.key):
            continue
        try:
            record = VersionRecord.decode(store.read(entry.key))
        except KeyError:
            continue  # purged just now
        except ValueError as error:
            raise ArtifactDamaged(entry.key, entry.key, "cannot be read, so nothing is removed") from error
        if repository.is_purged(record.link):  # a process was killed meanwhile, or a copy has brought it again
            if not dry_run:
                store.delete(entry.key)
            continue
        try:
            version = repository.version(record.link.of, record.version)
        except ArtifactNotFound:
            continue  # purged at this moment
        versions += 1
        needed.add(record.manifest)
        for file in repository.manifest(version).files:
            needed.update(file.blobs)
    kept = kept_bytes = removed_bytes = young = 0
    removed = []
    for entry in store.list(OBJECTS):
        if blob_digest(entry.key) in needed:
            kept += 1
            kept_bytes += entry.size
        elif now - entry.modified_at < grace_s:
            young += 1
        else:
            fresh = store.stat(entry.key)  # touched by a commit since it was listed?
            if fresh is None or now - fresh.modified_at < grace_s:
                young += 1
                continue
            removed.append(entry.key)
            removed_bytes += entry.size
            if not dry_run:
                store.delete(entry.key)
    return Collected(versions, kept, kept_bytes, tuple(sorted(removed)), removed_bytes, young)


@frozen
class Health:
    """What ``fsck`` found."""

    versions: int
    bytes: int
    findings: tuple[Finding, ...] = field(factory=tuple)


def check(
    repository: ArtifactRepository, *, references: bool = False, told: Callable[[int], None] | None = None
) -> Health:
    """Read every file of every version and compare it with its digest.

    :param told: bytes that have been read.
    """
    findings: list[Finding] = []
    versions = size = 0
    for entry in repository.store.list(VERSIONS):
        try:
            VersionRecord.decode(repository.store.read(entry.key))
        except (KeyError, ValueError) as error:
            if not is_temporary(entry.key):
                findings.append(Finding(entry.key, entry.key, f"is no version: {error}"))
    for entry in repository.store.list(EVENTS):
        try:
            Event.decode(entry.key.rpartition("/")[2], repository.store.read(entry.key))
        except (KeyError, ValueError) as error:
            if not is_temporary(entry.key):
                findings.append(Finding(entry.key, entry.key, str(error)))
    for name in repository.names():
        for version in repository.versions(name, deleted=True):
            versions += 1
            size += version.record.size
            findings += verify(repository, version, references=references, told=told)
    return Health(versions, size, tuple(findings))


@frozen
class Statistics:
    """How much is kept, and what deduplication saves."""

    artifacts: int
    versions: int
    stated_bytes: int  # what all versions together would take, each on its own
    stored_bytes: int  # what they take
    by_type: dict[str, dict[str, int]]


def statistics(repository: ArtifactRepository) -> Statistics:
    artifacts = versions = stated = 0
    by_type: dict[str, dict[str, int]] = {}
    for name in repository.names():
        artifacts += 1
        counts = by_type.setdefault(name.type, {"artifacts": 0, "versions": 0, "bytes": 0})
        counts["artifacts"] += 1
        for version in repository.versions(name, deleted=True):
            versions += 1
            stated += version.record.size
            counts["versions"] += 1
            counts["bytes"] += version.record.size
    stored = sum(entry.size for entry in repository.store.list(OBJECTS))
    return Statistics(artifacts, versions, stated, stored, by_type)
