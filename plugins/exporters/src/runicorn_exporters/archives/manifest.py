"""What an archive says of itself: its first member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import asdict, frozen
from runicorn.errors import ImportProblem
from runicorn.serialize import dumps, loads

NAME = "runicorn-archive.json"
VERSION = 1
#: A longer one is none of ours: a million files need a quarter of it.
MOST_BYTES = 1 << 30
#: Nor one that is so much larger than the whole archive: its few hundred bytes for each file become some ten packed.
FREE_BYTES, MOST_RATIO = 16 << 20, 64
MOST_VALUES = 10  # for each file, and for a few runs without any


@frozen
class ArchivedFile:
    path: str  # relative to the run's folder
    size: int
    sha256: str


@frozen
class ArchivedRun:
    """A run; ``folder`` is where its files lie in the archive, and lay below their root."""

    id: str
    project: str
    name: str
    folder: str
    created_at: float
    status: str
    format: str
    files: Sequence[ArchivedFile]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


@frozen
class ArchivedPart:
    """What a plugin keeps about the runs; its files lie in the folder of its name."""

    name: str
    files: Sequence[ArchivedFile]

    @property
    def folder(self) -> str:
        return self.name

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


@frozen
class ArchiveManifest:
    """Parts come first, so that a run never names what is not there yet."""

    runs: Sequence[ArchivedRun]
    parts: Sequence[ArchivedPart] = ()

    @property
    def files(self) -> list[ArchivedFile]:
        parts = [file for part in self.parts for file in part.files]
        return parts + [file for run in self.runs for file in run.files]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def encode(manifest: ArchiveManifest) -> bytes:
    return dumps({"runicorn_archive": VERSION, **asdict(manifest)}, indent=True)


def decode(data: bytes, where: str) -> ArchiveManifest:
    """:raises ImportProblem: this is no manifest, or one of a later version."""
    try:
        document = loads(data)
        version = document["runicorn_archive"]
        if not isinstance(version, int) or version > VERSION:
            raise ImportProblem(where, f"is an archive of version {version}, which only a newer Runicorn reads")
        parts = [ArchivedPart(str(part["name"]), _files(part)) for part in document.get("parts", ())]
        return ArchiveManifest([_run(run) for run in document["runs"]], parts)
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, ImportProblem):
            raise
        raise ImportProblem(where, f"its manifest {NAME} cannot be read") from error


def _files(value: Mapping[str, Any]) -> list[ArchivedFile]:
    files = [ArchivedFile(str(f["path"]), int(f["size"]), str(f["sha256"])) for f in value["files"]]
    if any(file.size < 0 for file in files):
        raise ValueError("a file of negative size")
    return files


def _run(value: Mapping[str, Any]) -> ArchivedRun:
    files = _files(value)
    texts = {key: str(value[key]) for key in ("id", "project", "name", "folder", "status", "format")}
    return ArchivedRun(**texts, created_at=float(value["created_at"]), files=files)
