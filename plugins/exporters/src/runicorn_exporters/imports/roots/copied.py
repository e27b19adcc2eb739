"""A run of today's root, file by file."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.contracts import RunHead
from runicorn.errors import ImportProblem
from runicorn.serialize import dumps

from ...run_files import digest_of, run_files

if TYPE_CHECKING:
    from runicorn.contracts import RunReader, RunSink

_PIECE = 1 << 20


class CopiedRun:
    def __init__(self, reader: RunReader) -> None:
        record = reader.record
        self._folder = reader.folder
        self._files = {path: digest_of(self._folder / path) for path in run_files(self._folder)}
        digests = {path: digest for path, (digest, _) in self._files.items()}
        self.head = RunHead(
            source=sha256(dumps(digests)).hexdigest(),
            project=record.ref.project,
            name=record.ref.name,
            id=record.ref.id,
            created_at=record.created_at,
            size=sum(size for _, size in self._files.values()),
            digests=digests,
        )

    def read(self, sink: RunSink) -> None:
        for path, (digest, size) in self._files.items():
            sink.file(path, self._content(self._folder / path, digest, size, sink))

    def _content(self, path: Path, wanted: str, size: int, sink: RunSink) -> Iterator[bytes]:
        digest, left = sha256(), size
        with path.open("rb") as file:
            while left and (piece := file.read(min(left, _PIECE))):
                digest.update(piece)
                left -= len(piece)
                sink.advance(len(piece))
                yield piece
        if left or digest.hexdigest() != wanted:
            raise ImportProblem(str(path), "changed while it was read; import again")
