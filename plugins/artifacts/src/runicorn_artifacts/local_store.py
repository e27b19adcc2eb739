"""A store in a folder: one file a blob, read-only, put in place whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from runicorn.contracts.artifacts import BlobEntry, BlobStore
from runicorn.errors import StorageError, StorageFull, StorageReadOnly
from runicorn.security import join

_TEMPORARY = ".tmp-"
_FULL = frozenset([errno.ENOSPC, errno.EDQUOT])
_READ_ONLY = frozenset([errno.EROFS, errno.EACCES, errno.EPERM])
_NO_LINKS = frozenset([errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV])


class FolderStores:
    """Folders, by path or ``file://`` address."""

    name = "folder"
    schemes = frozenset(["file"])

    def open(self, uri: str) -> BlobStore:
        from urllib.parse import unquote, urlsplit

        return FolderStore(Path(unquote(urlsplit(uri).path)))


class FolderStore:
    """A folder; made with the first blob. Blobs of this process reach the disk before a created one is visible,
    where ``durable`` says so."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        """
        :param durable: flush each blob to the disk, so that it survives a power cut.
        """
        self._folder, self._durable = folder, durable
        self._made: set[Path] = set()

    @property
    def uri(self) -> str:
        return self._folder.as_uri()

    def read(self, key: str) -> bytes:
        with self.open(key) as file:
            return file.read()

    def open(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except (FileNotFoundError, NotADirectoryError):
            raise KeyError(key) from None

    def put(self, key: str, data: bytes) -> None:
        with _mapped("storing an artifact", self._folder):
            path = self._place(key)
            beside = self._write_beside(path, data, sync=self._durable)
            try:
                beside.replace(path)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise

    def create(self, key: str, data: bytes) -> bool:
        with _mapped("storing an artifact", self._folder):
            path = self._place(key)
            beside = self._write_beside(path, data, sync=True)
            try:
                os.link(beside, path)
            except FileExistsError:
                return False
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                return _create(path, data)  # a file system without hard links
            finally:
                beside.unlink(missing_ok=True)
            return True

    def stat(self, key: str) -> BlobEntry | None:
        try:
            found = self._path(key).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return BlobEntry(key, found.st_size, found.st_mtime)

    def touch(self, key: str) -> bool:
        try:
            os.utime(self._path(key))
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise _error("storing an artifact", self._folder, error) from error
        return True

    def list(self, prefix: str) -> Iterator[BlobEntry]:
        base = self._folder / prefix.rstrip("/")
        waiting = [(base, prefix.rstrip("/"))]
        while waiting:
            folder, at = waiting.pop()
            try:
                with os.scandir(folder) as entries:
                    found = list(entries)
            except (FileNotFoundError, NotADirectoryError):
                continue
            for entry in found:
                key = f"{at}/{entry.name}" if at else entry.name
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((Path(entry.path), key))
                    continue
                with suppress(FileNotFoundError):
                    stat = entry.stat()
                    yield BlobEntry(key, stat.st_size, stat.st_mtime)

    def delete(self, key: str) -> None:
        with _mapped("deleting from the artifact store", self._folder):
            self._path(key).unlink(missing_ok=True)

    def local_path(self, key: str) -> Path | None:
        path = self._path(key)
        return path if path.is_file() else None

    # --- Inside

    def _path(self, key: str) -> Path:
        """Where a blob lies. Keys are made by this plugin of checked names and digests."""
        return self._folder / key

    def _place(self, key: str) -> Path:
        path = self._path(key)
        if path.parent not in self._made:
            join(self._folder, key)  # the proof that it stays inside
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        return path

    def _write_beside(self, path: Path, data: bytes, *, sync: bool) -> Path:
        beside = path.with_name(f"{_TEMPORARY}{os.getpid():x}{os.urandom(6).hex()}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(beside, flags, 0o444)
        except FileNotFoundError:  # somebody removed the empty folder
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(beside, flags, 0o444)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            if sync:
                os.fsync(descriptor)
        except BaseException:
            os.close(descriptor)
            beside.unlink(missing_ok=True)
            raise
        os.close(descriptor)
        return beside


def is_temporary(key: str) -> bool:
    """Whether a blob is what a killed process left while it wrote."""
    return key.rpartition("/")[2].startswith(_TEMPORARY)


def _create(path: Path, data: bytes) -> bool:
    try:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        return False
    return True


@contextmanager
def _mapped(what: str, folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise _error(what, folder, error) from error


def _error(what: str, folder: Path, error: OSError) -> StorageError:
    kind = StorageFull if error.errno in _FULL else StorageReadOnly if error.errno in _READ_ONLY else StorageError
    return kind(what, str(folder), error.strerror or str(error))
