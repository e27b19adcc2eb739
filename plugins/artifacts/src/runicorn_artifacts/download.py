"""Files of a version onto this machine: verified while they are copied, put in place whole."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from runicorn.appearing import appearing
from runicorn.errors import StorageError, StorageFull
from runicorn.security import join
from runicorn.serialize import read_object, write_json

from .blobs import blob_key
from .errors import ArtifactDamaged
from .ingest import Progress, Told
from .manifest import FileEntry
from .repository import ArtifactRepository
from .version import Version

_PIECE = 1 << 20
#: What lies in a folder that this module filled: which files it put there, and when.
MARK = ".runicorn-artifact.json"
_FICLONE = 0x40049409  # linux/fs.h: share the blocks of a file until one of both is written


def download(
    repository: ArtifactRepository,
    version: Version,
    files: Iterable[FileEntry],
    folder: Path,
    told: Told | None = None,
) -> None:
    """Make ``folder`` hold these files. A file that is there unchanged is left; others of the folder are not touched.

    A folder that is not there appears with all of them or not at all. Files are copies: changing one never changes the
    store.

    :param told: called from several threads.
    :raises ArtifactDamaged: stored content is missing or is not what it was; what is in place already is right.
    :raises StorageError: the folder cannot be written.
    """
    entries = list(files)
    try:
        if folder.exists():
            _fill(repository, version, entries, folder, told)
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            with appearing(folder, folder=True) as beside:
                _fill(repository, version, entries, beside, told)
        except OSError:
            if not folder.is_dir():
                raise
            _fill(repository, version, entries, folder, told)  # another process was faster
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        kind = StorageFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else StorageError
        raise kind("downloading an artifact", str(folder), error.strerror or str(error)) from error
    except ArtifactDamaged as error:
        if not folder.exists():
            raise
        reason = f"{error.reason}, so {folder} is incomplete"
        raise ArtifactDamaged(error.version, error.path, reason) from error


def _fill(
    repository: ArtifactRepository, version: Version, entries: list[FileEntry], folder: Path, told: Told | None
) -> None:
    mark = read_object(folder / MARK)
    known = mark.get("files") if mark.get("version") == str(version) else None
    kept: dict[str, list[int]] = dict(known) if isinstance(known, dict) else {}
    total, done = sum(entry.size for entry in entries), [0, 0]

    def one(entry: FileEntry) -> None:
        target = join(folder, entry.path)
        if not _unchanged(target, kept.get(entry.path)):
            kept[entry.path] = _fetch(repository, version, entry, target)
        done[0] += entry.size
        done[1] += 1
        if told is not None:
            told(Progress(done[0], total, done[1], len(entries)))

    with ThreadPoolExecutor(4, "runicorn-download") as pool:
        fetched = [pool.submit(one, entry) for entry in entries]
        try:
            for future in fetched:
                future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    write_json(folder / MARK, {"version": str(version), "files": dict(kept)})


def _unchanged(target: Path, known: object) -> bool:
    try:
        stat = target.stat()
    except OSError:
        return False
    return known == [stat.st_size, stat.st_mtime_ns, stat.st_ino]


def _fetch(repository: ArtifactRepository, version: Version, entry: FileEntry, target: Path) -> list[int]:
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name[:60]}.{os.getpid():x}{os.urandom(4).hex()}.tmp")
    try:
        with beside.open("xb") as out:
            _copy(repository, version, entry, out.fileno())
            if entry.executable:
                beside.chmod(beside.stat().st_mode | 0o111)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    stat = target.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ino]


def _copy(repository: ArtifactRepository, version: Version, entry: FileEntry, out: int) -> None:
    """The content into an open file; its digest is compared on the way."""
    source = None if version.older or entry.chunks else repository.store.local_path(blob_key(entry.digest))
    cloned = source is not None and _clone(source, out)
    digest, size = sha256(), 0
    with repository.open(version, entry) as file:
        try:
            while piece := file.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                rest = memoryview(piece)
                while rest and not cloned:
                    rest = rest[os.write(out, rest) :]
        except OSError as error:
            if error.errno is None:  # from our own reader: a part is missing
                raise ArtifactDamaged(str(version), entry.path, str(error)) from error
            raise
    if size != entry.size or (entry.digest and digest.hexdigest() != entry.digest):
        raise ArtifactDamaged(str(version), entry.path, "is not what was committed")


def _clone(source: Path, out: int) -> bool:
    """Share the blocks, where the file system can (btrfs, XFS): no byte is copied."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        with source.open("rb") as file:
            fcntl.ioctl(out, _FICLONE, file.fileno())
    except OSError:
        return False
    return True
