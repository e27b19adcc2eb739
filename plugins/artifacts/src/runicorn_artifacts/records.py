"""The records of versions in a store: ``versions/<type>/<name>/v<N>.json``, each made once."""

from __future__ import annotations

from collections.abc import Iterator

from runicorn.contracts.artifacts import BlobEntry, BlobStore

from .manifest import Link, VersionRecord
from .names import Name, version_number

VERSIONS = "versions/"


class Records:
    """Thread-safe: at worst a record is read twice."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self._read: dict[str, tuple[BlobEntry, VersionRecord]] = {}

    def names(self) -> set[Name]:
        """Every artifact that has a version."""
        found = (_place(entry.key) for entry in self._store.list(VERSIONS))
        return {place[0] for place in found if place is not None}

    def of(self, name: Name) -> dict[int, VersionRecord]:
        """The versions of an artifact, by number; without those that cannot be read, which fsck names."""
        found = {}
        for number, entry in self._entries(name):
            record = self._record(entry)
            if record is not None:
                found[number] = record
        return found

    def numbers(self, name: Name) -> set[int]:
        """The numbers that are taken."""
        return {number for number, _ in self._entries(name)}

    def create(self, record: VersionRecord) -> bool:
        """Whether the version could have its number."""
        return self._store.create(version_key(record.link), record.encode())

    def remove(self, link: Link) -> None:
        self._store.delete(version_key(link))
        self._read.pop(version_key(link), None)

    def _entries(self, name: Name) -> Iterator[tuple[int, BlobEntry]]:
        for entry in self._store.list(f"{VERSIONS}{name.type}/{name.name}/"):
            place = _place(entry.key)
            if place is not None:
                yield place[1], entry

    def _record(self, entry: BlobEntry) -> VersionRecord | None:
        known = self._read.get(entry.key)
        if known is None or known[0] != entry:  # a copy from another root may replace a record
            try:
                known = self._read[entry.key] = entry, VersionRecord.decode(self._store.read(entry.key))
            except (KeyError, ValueError):  # purged meanwhile, or damaged
                return None
        return known[1]


def version_key(link: Link) -> str:
    return f"{VERSIONS}{link.type}/{link.name}/v{link.version}.json"


def _place(key: str) -> tuple[Name, int] | None:
    parts = key.removeprefix(VERSIONS).split("/")
    number = version_number(parts[2].removesuffix(".json")) if len(parts) == 3 else None
    return None if number is None else (Name(parts[0], parts[1]), number)
