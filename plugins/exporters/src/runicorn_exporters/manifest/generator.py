"""Making manifests, a run at a time."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import attrs
from runicorn.hashes import Content, KnownHashes
from runicorn.hooks import open_store
from runicorn.serialize import dumps
from runicorn.types import PathLike

from .models import Kind, ManifestEnd, ManifestFile, ManifestHead, ManifestRun, ManifestStatistics

if TYPE_CHECKING:
    from runicorn.model.run import ExperimentRecord

#: Files that only ever grow while their run is being written.
GROWING = re.compile(r"(events|logs|system)(-[0-9a-f]+)?\.(jsonl|txt)")
_PIECE = 1 << 20
OWN = ".runicorn"

#: Told after each file: files and bytes so far.
Told: TypeAlias = Callable[[ManifestStatistics], object]


class ManifestGenerator:
    """Lists the files of a storage root with their hashes. Files that have not changed are not read again."""

    def __init__(self, root: PathLike) -> None:
        self.root = Path(root).expanduser().absolute()

    def generate(
        self,
        out: BinaryIO,
        kind: Kind = "full",
        *,
        active_s: float = 3600.0,
        revision: int = 1,
        told: Told = lambda _: None,
    ) -> ManifestStatistics:
        """Write a manifest, from the first byte to the last.

        :param kind: ``full``: every file; ``active``: only runs that are being written, or ended lately.
        :param active_s: how lately, in seconds.
        :param told: called after each file; what it raises ends it.
        :raises StorageError: the root cannot be read.
        """
        from importlib.metadata import version

        head = ManifestHead(kind, revision, time.time(), socket.gethostname(), version("runicorn-exporters"))
        work = _Work(self.root, told)
        try:
            out.write(dumps(attrs.asdict(head))[:-1] + b',"experiments":[\n')
            runs = self._runs(kind, active_s)
            work.write(out, (work.run(record) for record in runs))
            out.write(b'],"files":[\n')
            if kind == "full":
                work.write(out, work.others([record.ref.folder for record in runs]))
            end = ManifestEnd(work.snapshot(), work.statistics)
            out.write(b"]," + dumps(attrs.asdict(end))[1:] + b"\n")
        finally:
            work.close()
        return work.statistics

    def _runs(self, kind: Kind, active_s: float) -> list[ExperimentRecord]:
        store = open_store(self.root)
        try:
            found = sorted(store.list_runs(deleted=None), key=lambda record: record.ref.folder)
        finally:
            store.close()
        if kind == "full":
            return found
        since = time.time() - active_s
        return [r for r in found if r.status == "running" or max(r.ended_at or 0, r.heartbeat_at or 0) >= since]


class _Work:
    """Reads files, counts, and remembers."""

    def __init__(self, root: Path, told: Told) -> None:
        self._root, self._told = root, told
        self._known = KnownHashes()
        self._all = hashlib.sha256()
        self.statistics = ManifestStatistics()

    def close(self) -> None:
        self._known.close()

    def snapshot(self) -> str:
        return self._all.hexdigest()

    def write(self, out: BinaryIO, entries: Iterator[ManifestRun | ManifestFile | None]) -> None:
        between = b""
        for entry in entries:
            if entry is not None:
                out.write(between + dumps(attrs.asdict(entry)))
                between = b",\n"
        out.write(b"\n")

    def run(self, record: ExperimentRecord) -> ManifestRun | None:
        """None where the run has gone meanwhile."""
        ref, running = record.ref, record.status == "running"
        files = tuple(self._files(ref.folder, running=running))
        if not files:
            return None
        self._count(total_experiments=1)
        return ManifestRun(
            ref.id, ref.project, ref.name, ref.folder, record.status, record.created_at, record.tags, files
        )

    def others(self, runs: list[str]) -> Iterator[ManifestFile]:
        """Files of the root that belong to no run: artifacts, evaluations, journals."""
        yield from self._files("", without=frozenset(runs))

    def _files(
        self, folder: str, *, running: bool = False, without: frozenset[str] = frozenset()
    ) -> Iterator[ManifestFile]:
        for relative in paths_below(self._root, folder, without):
            whole = f"{folder}/{relative}" if folder else relative
            growing = running and GROWING.fullmatch(relative) is not None
            entry = self._file(whole, relative, growing=growing)
            if entry is not None:
                self._all.update(f"{whole}\0{entry.size}\0{entry.digest}\n".encode("utf-8", "surrogateescape"))
                self._count(total_files=1, total_bytes=entry.size)
                self._told(self.statistics)
                yield entry

    def _file(self, whole: str, relative: str, *, growing: bool) -> ManifestFile | None:
        try:
            with open(self._root / whole, "rb", buffering=0) as file:
                before = os.fstat(file.fileno())
                content = self._known.get(self._root / whole, before)
                if content is None:
                    content = Content(hash_of(file, before.st_size))
                    self._count(hashed_files=1, hashed_bytes=before.st_size)
                    if os.fstat(file.fileno()).st_mtime_ns == before.st_mtime_ns:
                        self._known.put(self._root / whole, before, content)
        except FileNotFoundError:
            return None
        return ManifestFile(relative, before.st_size, before.st_mtime, f"sha256:{content.digest}", growing)

    def _count(self, **more: int) -> None:
        now = self.statistics
        self.statistics = attrs.evolve(now, **{name: getattr(now, name) + count for name, count in more.items()})


def hash_of(file: BinaryIO, size: int) -> str:
    """Of the first ``size`` bytes."""
    found, rest = hashlib.sha256(), size
    while rest and (piece := file.read(min(_PIECE, rest))):
        found.update(piece)
        rest -= len(piece)
    return found.hexdigest()


def paths_below(root: Path, folder: str, without: frozenset[str] = frozenset()) -> Iterator[str]:
    """Every file below a folder of the root, relative to it, in the order of texts; not what is being written.

    :param without: folders, relative to the root, that are left out.
    """
    found: list[str] = []
    waiting = [""]
    while waiting:
        at = waiting.pop()
        try:
            with os.scandir(root / folder / at if at else root / folder) as entries:
                for entry in entries:
                    relative = f"{at}/{entry.name}" if at else entry.name
                    if is_passing(entry.name) or (not folder and relative in without) or relative == OWN:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(relative)
                    elif entry.is_file(follow_symlinks=False):
                        found.append(relative)
        except (FileNotFoundError, NotADirectoryError):
            continue
    yield from sorted(found)


def is_passing(name: str) -> bool:
    """Whether a file is only there while something is being written."""
    return name.endswith((".tmp", ".lock")) or name.startswith((".tmp-", ".incoming-", ".~"))
