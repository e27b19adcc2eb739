"""The files that go into an archive: described first, then read once more, and the same both times."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias, cast

from runicorn.errors import StorageError
from runicorn.serialize import dumps

from ..run_files import digest_of, run_files
from .manifest import ArchivedFile, ArchivedPart, ArchivedRun

if TYPE_CHECKING:
    from runicorn.contracts import PartFile, RunReader

#: Name in the archive, size, time, and the bytes.
Content: TypeAlias = "tuple[str, int, float, IO[bytes]]"
_PIECE = 1 << 20


class RunContent:
    """The files of one run at one moment: of those that grow, what is in them by now."""

    def __init__(self, run: RunReader) -> None:
        self._record, self._folder = run.record, run.folder
        self._extra = _people(run)
        self._known: list[ArchivedFile] = []

    def described(self) -> ArchivedRun:
        self._known = [_described(self._folder, path) for path in run_files(self._folder) if path not in self._extra]
        self._known += [ArchivedFile(path, len(data), sha256(data).hexdigest()) for path, data in self._extra.items()]
        ref = self._record.ref
        return ArchivedRun(
            ref.id,
            ref.project,
            ref.name,
            ref.folder,
            self._record.created_at,
            self._record.status,
            self._record.format,
            sorted(self._known, key=lambda file: file.path),
        )

    def contents(self) -> Iterator[Content]:
        """:raises StorageError: a file is not any more what the manifest says."""
        for known in sorted(self._known, key=lambda file: file.path):
            name = f"{self._record.ref.folder}/{known.path}"
            if known.path in self._extra:
                yield name, known.size, self._record.created_at, io.BytesIO(self._extra[known.path])
                continue
            path = self._folder / known.path
            with path.open("rb") as file:
                checked = _Checked(file, known, str(path))
                yield name, known.size, os.fstat(file.fileno()).st_mtime, cast("IO[bytes]", checked)
                checked.compare()


class PartContent:
    """The files of a part; each is opened twice."""

    def __init__(self, name: str, files: Sequence[PartFile]) -> None:
        self._name, self.files = name, files
        self._known: list[ArchivedFile] = []

    def described(self) -> ArchivedPart:
        self._known = []
        for each in self.files:
            digest, size = sha256(), 0
            with each.open() as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    size += len(piece)
            self._known.append(ArchivedFile(each.path, size, digest.hexdigest()))
        return ArchivedPart(self._name, self._known)

    def contents(self) -> Iterator[Content]:
        """:raises StorageError: a file is not any more what the manifest says."""
        for each, known in zip(self.files, self._known, strict=True):
            name = f"{self._name}/{known.path}"
            with each.open() as file:
                checked = _Checked(file, known, name)
                yield name, known.size, 0.0, cast("IO[bytes]", checked)
                checked.compare()


class _Checked(io.RawIOBase):
    """A file that is read once, and is what it was when it was described."""

    def __init__(self, file: IO[bytes], known: ArchivedFile, where: str) -> None:
        self._file, self._known, self._where = file, known, where
        self._digest, self._left = sha256(), known.size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(self._left if size < 0 else min(size, self._left))
        self._digest.update(piece)
        self._left -= len(piece)
        return piece

    def compare(self) -> None:
        if self._left or self._digest.hexdigest() != self._known.sha256:
            raise StorageError("exporting", self._where, "it changed while it was read; export again")


def _described(folder: Path, path: str) -> ArchivedFile:
    digest, size = digest_of(folder / path)
    return ArchivedFile(path, size, digest)


def _people(run: RunReader) -> dict[str, bytes]:
    """What an older root keeps about its runs in one file of its own goes with the run."""
    if run.record.format == "runicorn" or (run.folder / "user.json").exists():
        return {}
    user = run.read("user")
    return {"user.json": dumps(user, indent=True)} if user else {}
