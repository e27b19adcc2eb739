"""A chunked file as one stream."""

from __future__ import annotations

import io

from runicorn.contracts.artifacts import BlobStore

from .blobs import blob_key
from .ingest import CHUNK
from .manifest import FileEntry


class Joined(io.RawIOBase):
    """Reads the chunks of a file as if they were one; seekable, one chunk in memory."""

    def __init__(self, store: BlobStore, entry: FileEntry) -> None:
        """:raises KeyError: the first chunk is not in the store."""
        super().__init__()
        self._store, self._entry = store, entry
        self._at = 0
        self._number, self._chunk = 0, store.read(blob_key(entry.chunks[0]))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._entry.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # what RawIOBase promises
        if self._at >= self._entry.size or not len(view):
            return 0
        number, inside = divmod(self._at, CHUNK)
        if number != self._number:
            try:
                self._number, self._chunk = number, self._store.read(blob_key(self._entry.chunks[number]))
            except KeyError as error:
                raise OSError(f"a part of {self._entry.path!r} is not in the store") from error
        part = self._chunk[inside : inside + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)
