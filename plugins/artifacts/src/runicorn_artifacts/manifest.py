"""What a version holds, and what is known about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import evolve, field, frozen
from runicorn.serialize import dumps, loads
from runicorn.types import JSON

from .names import Name

if TYPE_CHECKING:
    from cattrs import Converter

FORMAT = 1
Kind = TypeVar("Kind")


@frozen
class FileEntry:
    """One file of a version. Its content is one blob, or the blobs of its chunks one after the other."""

    path: str
    size: int  # bytes
    digest: str  # SHA-256 of the content, hex: what ``sha256sum`` prints
    chunks: tuple[str, ...] = field(default=(), repr=False)  # SHA-256 of each; empty: the file is one blob
    executable: bool = False

    @property
    def blobs(self) -> tuple[str, ...]:
        return self.chunks or (self.digest,)


@frozen
class Reference:
    """Something that a version names but does not hold: ``s3://bucket/data.parquet``."""

    uri: str
    checksum: str | None = None  # e.g. ``sha256:<hex>``, or an ETag
    size: int | None = None  # bytes, as stated; never counted as stored


@frozen
class Manifest:
    """Everything that a version holds, in the order of paths. Equal content makes equal bytes."""

    files: tuple[FileEntry, ...] = ()
    references: tuple[Reference, ...] = ()

    @property
    def size(self) -> int:
        return sum(entry.size for entry in self.files)

    def encode(self) -> bytes:
        return dumps(_converter().unstructure(self))

    @property
    def digest(self) -> str:
        return sha256(self.encode()).hexdigest()

    @staticmethod
    def of(files: Iterable[FileEntry], references: Iterable[Reference]) -> Manifest:
        return Manifest(
            tuple(sorted(files, key=lambda entry: entry.path)), tuple(sorted(references, key=lambda each: each.uri))
        )

    @staticmethod
    def decode(data: bytes) -> Manifest:
        """:raises ValueError: these bytes are no manifest."""
        return _structured(Manifest, loads(data))

    def document(self) -> dict[str, JSON]:
        """As JSON for clients: without the chunks, which are the store's business."""
        return {
            "files": [{"path": f.path, "size": f.size, "digest": f"sha256:{f.digest}"} for f in self.files],
            "references": [{"uri": r.uri, "checksum": r.checksum, "size": r.size} for r in self.references],
        }

    def file(self, path: str) -> FileEntry | None:
        return next((entry for entry in self.files if entry.path == path), None)


@frozen
class RunLink:
    """The run that a version comes from, or that uses it."""

    id: str
    project: str
    name: str

    def __str__(self) -> str:
        return f"{self.project}/{self.name}/{self.id}"


@frozen
class Link:
    """One version of one artifact."""

    type: str
    name: str
    version: int

    @property
    def of(self) -> Name:
        return Name(self.type, self.name)

    def __str__(self) -> str:
        return f"{self.type}/{self.name}:v{self.version}"


@frozen
class VersionRecord:
    """What is written once when a version is committed. What changes afterwards stands in its events."""

    type: str
    name: str
    version: int
    created_at: float  # Unix seconds
    manifest: str  # digest of the manifest, which is a blob too
    size: int  # bytes of all files
    files: int
    references: int
    run: RunLink | None = None
    parents: tuple[Link, ...] = ()
    description: str = ""
    metadata: Mapping[str, Any] = field(factory=dict)
    tags: tuple[str, ...] = ()
    user: str = ""
    format: int = FORMAT

    @property
    def link(self) -> Link:
        return Link(self.type, self.name, self.version)

    def encode(self) -> bytes:
        return dumps(_converter().unstructure(self), indent=True)

    @staticmethod
    def decode(data: bytes) -> VersionRecord:
        """:raises ValueError: these bytes are no version."""
        return _structured(VersionRecord, loads(data))

    def numbered(self, version: int) -> VersionRecord:
        return evolve(self, version=version)


@cache
def _converter() -> Converter:
    from cattrs import Converter

    return Converter(omit_if_default=True)


def _structured(kind: type[Kind], value: object) -> Kind:
    try:
        return _converter().structure(value, kind)
    except Exception as error:
        raise ValueError(f"is no {kind.__name__}: {error}") from error
