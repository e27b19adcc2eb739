"""Where artifacts are kept: a flat store of named blobs, which a local folder and an object store both are.

Keys are relative and use ``/``. Versions, aliases and deduplication are built on these few promises alone, so that a
new kind of store needs nothing but them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from attrs import frozen


@frozen
class BlobEntry:
    """One blob, without its content."""

    key: str
    size: int  # bytes
    modified_at: float  # Unix seconds


class BlobStore(Protocol):
    """One opened store. Thread-safe; several processes and hosts may use one store at the same time."""

    @property
    def uri(self) -> str:
        """Where it is, free of secrets."""

    def read(self, key: str) -> bytes:
        """The whole content.

        :raises KeyError: there is no such blob.
        """

    def open(self, key: str) -> BinaryIO:
        """The content as a stream.

        :raises KeyError: there is no such blob.
        """

    def put(self, key: str, data: bytes) -> None:
        """Store a blob whose key is made from its content: nobody ever sees a part of it. Storing it again is fine.

        :raises StorageError: it could not be stored; nothing half written is visible.
        """

    def create(self, key: str, data: bytes) -> bool:
        """Store a blob unless there is one: of several processes that create one key, exactly one gets True.

        When it has returned True, everything that this process has ``put`` before is stored too.
        """

    def stat(self, key: str) -> BlobEntry | None: ...

    def touch(self, key: str) -> bool:
        """Set a blob's time to now, so that it is not taken for a leftover; False when it does not exist."""

    def list(self, prefix: str) -> Iterator[BlobEntry]:
        """Every blob whose key begins with ``prefix`` (which ends with ``/``), in no order."""

    def delete(self, key: str) -> None:
        """Remove a blob; one that does not exist is no error."""

    def local_path(self, key: str) -> Path | None:
        """The file that holds exactly this blob on this machine, for copying without reading; else None.

        Nobody may write to it.
        """


class ArtifactStore(Protocol):
    """What ``register_artifact_stores`` returns: a kind of store, chosen by the scheme of an address."""

    @property
    def name(self) -> str: ...

    @property
    def schemes(self) -> frozenset[str]:
        """``file``, ``s3``: what stands before ``://`` in the addresses that it opens."""

    def open(self, uri: str) -> BlobStore:
        """Open a store; it need not hold anything yet.

        :raises MissingDependency: a library that this kind needs is not installed.
        :raises StorageError: it cannot be reached.
        """
