"""Files into blobs: hashed and stored by several threads, in memory for a few chunks only."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from attrs import frozen
from runicorn.hashes import Content, KnownHashes

from .blobs import Blobs
from .errors import InvalidArtifact
from .manifest import FileEntry

#: A file from 8 MiB on is kept as chunks of 1 MiB, so that a checkpoint of which a part has changed costs that part.
CHUNKED_FROM = 8 << 20
CHUNK = 1 << 20
_ATTEMPTS = 3  # at reading a file that somebody writes meanwhile


@frozen
class Progress:
    """How far a commit or a download is."""

    done: int  # bytes
    total: int
    files: int
    of: int


Told: TypeAlias = Callable[[Progress], None]


@frozen
class Source:
    """A file on this machine, and its place in the artifact."""

    path: str
    file: Path


class Ingest:
    """Stores the files of one commit. ``told`` is called from any of its threads."""

    def __init__(self, artifact: str, blobs: Blobs, cache: KnownHashes, told: Told | None = None) -> None:
        self._artifact, self._blobs, self._cache, self._told = artifact, blobs, cache, told
        self._workers = max(2, min(8, (os.cpu_count() or 2) + 1))
        self._lock = threading.Lock()
        self._done = self._files = self._total = self._of = 0

    def store(self, sources: Iterable[Source]) -> list[FileEntry]:
        """Hash and store every file.

        :raises InvalidArtifact: a file cannot be read, or does not stop changing.
        :raises StorageError: the store did not take it.
        """
        sized = [(source, self._stat(source)) for source in sources]
        self._total, self._of = sum(stat.st_size for _, stat in sized), len(sized)
        with ThreadPoolExecutor(self._workers, "runicorn-artifact") as pool:
            small = [pool.submit(self._small, source) for source, stat in sized if stat.st_size < CHUNKED_FROM]
            try:
                entries = [self._large(source, pool) for source, stat in sized if stat.st_size >= CHUNKED_FROM]
                wait(small, return_when=FIRST_EXCEPTION)
                return entries + [future.result() for future in small]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def keep(self, entries: Iterable[FileEntry]) -> None:
        """Files of another version, which are stored already.

        :raises InvalidArtifact: one is not in this store.
        """
        for entry in entries:
            if not self._stands(entry):
                why = f"holds {entry.path!r} of a version whose content is not in this store; download it and add that"
                raise InvalidArtifact(self._artifact, why)

    def _stat(self, source: Source) -> os.stat_result:
        try:
            return source.file.stat()
        except OSError as error:
            raise self._unreadable(source, error) from error

    def _small(self, source: Source) -> FileEntry:
        for _ in range(_ATTEMPTS):
            before = self._stat(source)
            known = self._known(source, before)
            if known is not None:
                return known
            try:
                data = source.file.read_bytes()
            except OSError as error:
                raise self._unreadable(source, error) from error
            if self._same(before, source, len(data)):
                content = Content(self._blobs.put(data), ())
                return self._stored(source, before, content)
        raise InvalidArtifact(self._artifact, f"holds {source.file}, which is being written; log it when it is whole")

    def _large(self, source: Source, pool: ThreadPoolExecutor) -> FileEntry:
        for _ in range(_ATTEMPTS):
            before = self._stat(source)
            known = self._known(source, before)
            if known is not None:
                return known
            content, size = self._read_chunks(source, pool)
            if self._same(before, source, size):
                return self._stored(source, before, content, counted=True)
            with self._lock:
                self._done -= size
        raise InvalidArtifact(self._artifact, f"holds {source.file}, which is being written; log it when it is whole")

    def _read_chunks(self, source: Source, pool: ThreadPoolExecutor) -> tuple[Content, int]:
        """The whole file's digest is made here, those of its chunks on the pool's threads beside it."""
        room = threading.Semaphore(2 * self._workers)
        whole, size = sha256(), 0
        futures: list[Future[str]] = []
        failed = threading.Event()

        def put(chunk: bytes) -> str:
            try:
                digest = self._blobs.put(chunk)
                self._tell(len(chunk))
            except BaseException:  # raised again; Ctrl-C ends the others, too
                failed.set()  # a store out of reach takes a while to say so: it is not asked for each chunk
                raise
            return digest

        try:
            with source.file.open("rb", buffering=0) as file:
                while not failed.is_set() and (chunk := file.read(CHUNK)):
                    while len(chunk) < CHUNK and (more := file.read(CHUNK - len(chunk))):
                        chunk += more
                    room.acquire()
                    future = pool.submit(put, chunk)
                    future.add_done_callback(lambda _: room.release())
                    futures.append(future)
                    whole.update(chunk)
                    size += len(chunk)
        except OSError as error:
            raise self._unreadable(source, error) from error
        return Content(whole.hexdigest(), tuple(future.result() for future in futures)), size

    def _known(self, source: Source, stat: os.stat_result) -> FileEntry | None:
        """What the file holds, when it has not changed since it was read last and is stored whole."""
        content = self._cache.get(source.file.absolute(), stat)
        if content is None:
            return None
        entry = _entry(source, stat, content)
        if not self._stands(entry):
            return None
        self._tell(entry.size, 1)
        return entry

    def _stands(self, entry: FileEntry) -> bool:
        left = entry.size
        for blob in entry.blobs:
            size = min(left, CHUNK) if entry.chunks else left
            if not self._blobs.has(blob, size):
                return False
            left -= size
        return True

    def _stored(self, source: Source, stat: os.stat_result, content: Content, *, counted: bool = False) -> FileEntry:
        self._cache.put(source.file.absolute(), stat, content)
        self._tell(0 if counted else stat.st_size, 1)
        return _entry(source, stat, content)

    def _same(self, before: os.stat_result, source: Source, size: int) -> bool:
        after = self._stat(source)
        return size == before.st_size and (before.st_size, before.st_mtime_ns, before.st_ino) == (
            after.st_size,
            after.st_mtime_ns,
            after.st_ino,
        )

    def _tell(self, size: int, files: int = 0) -> None:
        with self._lock:
            self._done += size
            self._files += files
            progress = Progress(self._done, self._total, self._files, self._of)
        if self._told is not None:
            self._told(progress)

    def _unreadable(self, source: Source, error: OSError) -> InvalidArtifact:
        return InvalidArtifact(self._artifact, f"cannot read {source.file}: {error.strerror or error}")


def _entry(source: Source, stat: os.stat_result, content: Content) -> FileEntry:
    executable = os.name == "posix" and bool(stat.st_mode & 0o100)
    return FileEntry(source.path, stat.st_size, content.digest, content.chunks, executable)
