"""Blobs by content: what is there already is not stored again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from hashlib import sha256

from runicorn.contracts.artifacts import BlobStore

OBJECTS = "objects/"


def blob_key(digest: str) -> str:
    return f"{OBJECTS}{digest[:2]}/{digest}"


def blob_digest(key: str) -> str:
    return key.rpartition("/")[2]


class Blobs:
    """The blobs of one store, as one commit sees them. Thread-safe."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self._there: set[str] = set()
        self._lock = threading.Lock()
        self.stored = 0  # bytes that this commit added

    def has(self, digest: str, size: int) -> bool:
        """Whether the blob is there, whole; from now on it is not taken for a leftover."""
        if digest in self._there:
            return True
        key = blob_key(digest)
        found = self._store.stat(key)
        if found is None or found.size != size or not self._store.touch(key):
            return False
        self._there.add(digest)
        return True

    def put(self, data: bytes, digest: str | None = None) -> str:
        """Store bytes unless they are there; returns their digest."""
        digest = digest or sha256(data).hexdigest()
        if not self.has(digest, len(data)):
            self._store.put(blob_key(digest), data)
            self._there.add(digest)
            with self._lock:
                self.stored += len(data)
        return digest


def read_verified(store: BlobStore, digest: str) -> bytes:
    """:raises KeyError: it is not there.

    :raises ValueError: it is not what it was.
    """
    data = store.read(blob_key(digest))
    if sha256(data).hexdigest() != digest:
        raise ValueError(f"blob {digest} is damaged")
    return data


def stored_blobs(store: BlobStore) -> Iterator[tuple[str, int, float]]:
    """(digest, size, time) of every blob."""
    for entry in store.list(OBJECTS):
        yield blob_digest(entry.key), entry.size, entry.modified_at
