"""``segments.json``: which segments of a run count, and which files they stand for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

from attrs import asdict, frozen
from runicorn.errors import StorageError
from runicorn.serialize import dumps, loads, write_bytes

NAME = "segments.json"
#: 2: files of records and points may lack the columns that say nothing.
VERSION = 2
SealedStream: TypeAlias = Literal["events", "logs"]


@frozen
class Source:
    """A file that was sealed. Segments hold its lines in order; ``sha256`` is of all of its bytes.

    ``tail`` is the end of its last whole line: whoever had read the file up to there knows that it is the same one.
    """

    name: str
    stream: SealedStream
    bytes: int
    lines: int
    torn: int  # bytes behind the last newline
    sha256: str
    tail: str = ""  # 64 bytes at most, as Latin-1


@frozen
class SegmentFile:
    """One Parquet file; ``path`` is relative to the run folder."""

    path: str
    rows: int
    bytes: int
    sha256: str


@frozen
class KeyCount:
    """The points of one key in one segment, with a CRC-32 over all of them in their order.

    ``texts`` are those kept as JSON text; an integer beyond 2**53 is a number and a text.
    """

    numbers: int
    texts: int
    crc32: str


@frozen
class Segment:
    """Some lines of the sources. Lines of one source continue from one segment to the next."""

    id: str
    files: tuple[SegmentFile, ...]
    records: int  # lines of event files
    points: int
    irregular: int  # lines of event files that only a reader of JSON lines can tell; see docs/run-folder.md
    log_lines: int
    first_step: int | None
    last_step: int | None
    keys: Mapping[str, KeyCount]  # empty where they stand in a file of their own

    def path(self, kind: str) -> str | None:
        """The file of this kind (``records``, ``points``, ``keys``, ``rollups``, ``logs``), if the segment has one."""
        return next((file.path for file in self.files if kind_of(file.path) == kind), None)


@frozen
class Manifest:
    """What is sealed of one run."""

    sources: tuple[Source, ...] = ()
    segments: tuple[Segment, ...] = ()
    sealed_at: float = 0.0

    @property
    def names(self) -> frozenset[str]:
        """Files that are sealed. One that still lies in the folder is a leftover and counts no more."""
        return frozenset(source.name for source in self.sources)

    @property
    def bytes_before(self) -> int:
        return sum(source.bytes for source in self.sources)

    @property
    def bytes_now(self) -> int:
        return sum(file.bytes for segment in self.segments for file in segment.files)

    @property
    def points(self) -> int:
        return sum(segment.points for segment in self.segments)

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(file.path for segment in self.segments for file in segment.files)


def kind_of(path: str) -> str:
    """``metrics/1a2b3c4d.points.parquet`` -> ``points``; ``logs/1a2b3c4d.parquet`` -> ``logs``."""
    return "logs" if path.startswith("logs/") else path.split(".")[-2]


def read_manifest(folder: Path) -> Manifest:
    """What is sealed; an empty manifest where nothing is.

    :raises StorageError: there is one, and it cannot be read.
    """
    path = folder / NAME
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Manifest()
    except OSError as error:
        raise StorageError("reading", str(path), error.strerror or type(error).__name__) from error
    try:
        return _manifest(path, loads(data))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StorageError("reading", str(path), "it is damaged; put it back from a copy") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace it atomically: this is what makes segments count.

    :raises OSError: nothing was changed.
    """
    document: dict[str, Any] = {
        "runicorn_segments": VERSION,
        "sealed_at": manifest.sealed_at,
        "sources": [asdict(source) for source in manifest.sources],
        "segments": [
            {
                **asdict(segment, recurse=False),
                "files": [asdict(file) for file in segment.files],
                "keys": {key: [count.numbers, count.texts, count.crc32] for key, count in segment.keys.items()},
            }
            for segment in manifest.segments
        ],
    }
    write_bytes(folder / NAME, dumps(document) + b"\n")
    flush_folder(folder)


def flush_folder(folder: Path) -> None:
    """Make the entries of a folder survive a power cut."""
    if os.name == "nt":  # folders cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _manifest(path: Path, document: Mapping[str, Any]) -> Manifest:
    version = document["runicorn_segments"]
    if version > VERSION:
        raise StorageError("reading", str(path), "a newer Runicorn wrote it; bring this one up to date")
    return Manifest(
        sources=tuple(Source(**source) for source in document["sources"]),
        segments=tuple(_segment(segment) for segment in document["segments"]),
        sealed_at=float(document["sealed_at"]),
    )


def _segment(document: Mapping[str, Any]) -> Segment:
    files: Sequence[Mapping[str, Any]] = document["files"]
    for file in files:
        parts = str(file["path"]).split("/")
        if len(parts) != 2 or parts[0] not in ("metrics", "logs") or parts[1].startswith("."):
            raise ValueError("a segment outside of the run folder")
    return Segment(
        **{
            **document,
            "files": tuple(SegmentFile(**file) for file in files),
            "keys": {key: KeyCount(*count) for key, count in document["keys"].items()},
        }
    )
