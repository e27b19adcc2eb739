"""A folder of this machine as a :class:`runicorn.contracts.FileTree`."""

from __future__ import annotations

import errno
import io
import os
import shutil
import time
from builtins import list as List  # noqa: N812 (a method has this name)
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from runicorn.contracts import FileEntry
from runicorn.errors import StorageError, StorageFull, StorageGone, StorageReadOnly
from runicorn.security import join

_PARTS = ".~"  # how the names of files begin that are being written
_ABANDONED_S = 3600.0  # since something was written to a file that never became whole
_FULL = frozenset([errno.ENOSPC, errno.EDQUOT])
_READ_ONLY = frozenset([errno.EROFS, errno.EACCES, errno.EPERM])


class LocalTree:
    """Files below a folder, which need not exist yet."""

    parallel = 1

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().absolute()
        self._left: List[str] = []

    @property
    def uri(self) -> str:
        return str(self.folder)

    def list(self, path: str = "") -> List[FileEntry]:
        with _mapped("listing a folder", self.folder), os.scandir(self._path(path)) as entries:
            found = []
            for entry in entries:
                name = f"{path}/{entry.name}" if path else entry.name
                if entry.name.startswith(_PARTS):
                    self._left.append(name)
                elif "\\" not in entry.name and _is_text(entry.name):
                    found.append(_entry(name, Path(entry.path)))
        return sorted((entry for entry in found if entry is not None), key=lambda entry: entry.path)

    def stat(self, path: str) -> FileEntry | None:
        with _mapped("looking", self.folder):
            return _entry(path, self._path(path))

    def read(self, path: str, offset: int = 0, size: int | None = None) -> bytes:
        with _mapped("reading", self.folder), self._path(path).open("rb") as file:
            file.seek(offset)
            return file.read() if size is None else file.read(size)

    def write(self, path: str, data: bytes | BinaryIO, *, modified_at: float | None = None) -> None:
        with _mapped("writing", self.folder):
            target = self._path(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            beside = target.with_name(f"{_PARTS}{os.getpid():x}{os.urandom(5).hex()}")
            try:
                with beside.open("xb") as file:
                    shutil.copyfileobj(io.BytesIO(data) if isinstance(data, bytes) else data, file, 1 << 20)
                    file.flush()
                    os.fsync(file.fileno())
                if modified_at is not None:
                    os.utime(beside, (modified_at, modified_at))
                beside.replace(target)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise

    def append(self, path: str, data: bytes, offset: int) -> None:
        with _mapped("writing", self.folder), self._path(path).open("r+b") as file:
            found = file.seek(0, io.SEEK_END)
            if found != offset:
                raise StorageError("extending a file", str(self.folder), f"{path} has {found} bytes, not {offset}")
            file.write(data)

    def make_folder(self, path: str) -> None:
        with _mapped("making a folder", self.folder):
            self._path(path).mkdir(parents=True, exist_ok=True)

    def rename(self, old: str, new: str) -> None:
        with _mapped("renaming", self.folder):
            self._path(new).parent.mkdir(parents=True, exist_ok=True)
            self._path(old).replace(self._path(new))

    def remove(self, path: str) -> None:
        with _mapped("removing", self.folder):
            target = self._path(path)
            if target.is_dir() and not target.is_symlink():
                target.rmdir()
            else:
                target.unlink(missing_ok=True)

    def remove_leftovers(self) -> None:
        """Remove what killed writers have left in the folders that were listed, and nobody has touched for long."""
        with _mapped("removing", self.folder):
            for name in self._left:
                found = self.stat(name)
                if found is not None and found.kind == "file" and time.time() - found.modified_at > _ABANDONED_S:
                    self._path(name).unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing is held."""

    def _path(self, path: str) -> Path:
        return join(self.folder, path) if path else self.folder


def _entry(path: str, file: Path) -> FileEntry | None:
    try:
        found = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return FileEntry(path, "other") if file.is_symlink() else None
    if file.is_dir():
        return FileEntry(path, "folder", 0, found.st_mtime)
    return FileEntry(path, "file" if file.is_file() else "other", found.st_size, found.st_mtime)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def _mapped(what: str, folder: Path) -> Iterator[None]:
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        kind = StorageError
        if isinstance(error, (FileNotFoundError, NotADirectoryError)):
            kind = StorageGone
        elif error.errno in _FULL:
            kind = StorageFull
        elif error.errno in _READ_ONLY:
            kind = StorageReadOnly
        raise kind(what, str(folder), error.strerror or str(error)) from error
