"""Sealing: the files of a finished run become segments, or stay as they are.

1. Lines are read, hashed and written into new Parquet files, which nothing names yet.
2. Those are read back; every source must come back byte for byte, every key with its count and checksum.
3. The sources must be as they were, and the run still over.
4. ``segments.json`` is replaced. From here on the segments count, and the files that it names do not.
5. The sources are removed.

A process that is killed in 1 to 3 leaves Parquet files that nobody counts; killed in 5, files that nobody counts.
Whoever comes next clears them away.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import evolve, frozen
from runicorn.errors import StorageError, StorageFull, StorageGone, StorageReadOnly
from runicorn.security import join

from .building import Building, remove_empty
from .checking import check, original
from .lock import exclusive
from .manifest import NAME, Manifest, Segment, Source, flush_folder, read_manifest, write_manifest
from .sources import SourceFile, digest_of, names_of, stream_of

#: What has fewer bytes than this in its files gains nothing: Parquet has a few thousand of its own.
WORTHWHILE = 16384
#: Is told how many bytes were read since it was told last.
Progress = Callable[[int], None]


@frozen
class Sealed:
    """What one call did. ``bytes_before`` and ``bytes_now`` are of the files that it replaced and wrote."""

    bytes_before: int = 0
    bytes_now: int = 0
    lines: int = 0
    points: int = 0

    def turned(self) -> Sealed:
        """The same the other way round."""
        return evolve(self, bytes_before=self.bytes_now, bytes_now=self.bytes_before)


def unsealed_bytes(folder: Path) -> int | None:
    """Bytes of the files that sealing would replace; None where there are none.

    :raises StorageError: the folder cannot be read.
    """
    with _mapped("reading", folder):
        sealed = read_manifest(folder).names
        names = [name for name in names_of(folder) if name not in sealed]
        return sum((folder / name).stat().st_size for name in names) if names else None


def seal_run(folder: Path, why_not: Callable[[], str | None], progress: Progress = lambda _: None) -> Sealed:
    """Seal everything of a run that is not sealed yet; nothing happens where there is nothing.

    :param why_not: asked before the work and again just before it counts: why the run must stay as it is.
    :raises StorageError: the run is as it was.
    """
    with _mapped("sealing", folder), exclusive(folder):
        _refuse(folder, why_not)
        before = read_manifest(folder)
        clear(folder, before)
        names = [name for name in names_of(folder) if name not in before.names]
        if not names:
            return Sealed()
        files: list[SourceFile] = []
        try:
            files += (SourceFile(folder, name) for name in names)
            return _seal(folder, before, files, why_not, progress)
        finally:
            for file in files:
                file.close()


def _seal(
    folder: Path, before: Manifest, files: Sequence[SourceFile], why_not: Callable[[], str | None], progress: Progress
) -> Sealed:
    building = Building(folder)
    listed = _listed(folder)
    try:
        for file in files:
            seen = 0
            for lines in file.pieces():
                building.add(file.stream, file.name, lines)
                progress(file.bytes - seen)
                seen = file.bytes
        segments = building.finish()
        sources = [file.source() for file in files]
        _settle(folder, segments)
        check(folder, sources, segments)
        _refuse(folder, why_not)
        _unchanged(folder, files)
        after = Manifest((*before.sources, *sources), (*before.segments, *segments), time.time())
        _commit(folder, before, after)
    except BaseException:
        building.discard()
        raise
    for file in files:
        file.path.unlink(missing_ok=True)
    for file in files:
        _rescue(folder, file)
    flush_folder(folder)
    return _account(folder, sources, segments, listed)


def _unchanged(folder: Path, files: Sequence[SourceFile]) -> None:
    for file in files:
        if file.grown():
            raise StorageError("sealing", str(folder), f"{file.name} changed meanwhile; somebody still writes it")


def unseal_run(folder: Path, progress: Progress = lambda _: None) -> Sealed:
    """Bring back the files that were sealed, byte for byte, and remove the segments.

    :raises StorageError: the run is as it was.
    """
    with _mapped("unsealing", folder), exclusive(folder):
        manifest = read_manifest(folder)
        clear(folder, manifest)
        if not manifest.sources:
            return Sealed()
        done = _account(folder, manifest.sources, manifest.segments)
        made = _unpacked(folder, manifest, progress)
        for source, beside in made.items():
            beside.replace(join(folder, source))  # does not count yet: the manifest still names it
        flush_folder(folder)
        (folder / NAME).unlink()
        flush_folder(folder)
        clear(folder, Manifest())
        return done


def compact_run(folder: Path, progress: Progress = lambda _: None) -> Sealed:
    """Merge the segments of a run that was sealed several times into as few as can be.

    :returns: nothing done, where there is nothing to merge.
    :raises StorageError: the run is as it was.
    """
    with _mapped("merging segments", folder), exclusive(folder):
        before = read_manifest(folder)
        clear(folder, before)
        if len(before.segments) < 2:
            return Sealed()
        listed = _listed(folder)
        building = Building(folder)
        try:
            for name, data, _ in original(folder, before.sources, before.segments):
                stream = stream_of(name) or "events"
                building.add(stream, name, data.removesuffix(b"\n").split(b"\n"))
                progress(len(data))
            segments = building.finish()
            if len(segments) >= len(before.segments):
                building.discard()
                return Sealed()
            _settle(folder, segments)
            check(folder, before.sources, segments)
            _commit(folder, before, evolve(before, segments=tuple(segments), sealed_at=time.time()))
        except BaseException:
            building.discard()
            raise
        clear(folder, read_manifest(folder))
        return evolve(_account(folder, before.sources, segments), bytes_before=before.bytes_now + listed)


def clear(folder: Path, manifest: Manifest) -> None:
    """Remove what a killed process left: files that are sealed, and Parquet files that nothing names.

    :raises StorageError: a file that is sealed was changed since; nothing of it is removed.
    """
    for source in manifest.sources:
        path = join(folder, source.name)
        if path.exists():
            if digest_of(path) != source.sha256:
                raise StorageError(
                    "sealing", str(folder), f"{source.name} lies beside the segments and differs from what was sealed"
                )
            path.unlink()
    for place in ("metrics", "logs"):
        inside = folder / place
        if inside.is_dir():
            for path in inside.iterdir():
                if path.suffix == ".parquet" and f"{place}/{path.name}" not in manifest.paths:
                    path.unlink(missing_ok=True)
    for path in folder.glob(".*.unsealing"):
        path.unlink(missing_ok=True)
    remove_empty(folder)


def _unpacked(folder: Path, manifest: Manifest, progress: Progress) -> dict[str, Path]:
    """Every source beside its place, compared with what was sealed and flushed."""
    made = {source.name: folder / f".{source.name}.unsealing" for source in manifest.sources}
    opened = {name: path.open("wb") for name, path in made.items()}
    try:
        for name, data, _ in original(folder, manifest.sources, manifest.segments):
            opened[name].write(data)
            progress(len(data))
        for file in opened.values():
            file.flush()
            os.fsync(file.fileno())
            file.close()
        _compare(folder, manifest, made)
    except BaseException:
        for name, file in opened.items():
            with suppress(OSError):
                file.close()
            made[name].unlink(missing_ok=True)
        raise
    return made


def _compare(folder: Path, manifest: Manifest, made: Mapping[str, Path]) -> None:
    for source in manifest.sources:
        if digest_of(made[source.name]) != source.sha256:
            raise StorageError("unsealing", str(folder), f"{source.name} would not come back as it was")


def _commit(folder: Path, before: Manifest, after: Manifest) -> None:
    if read_manifest(folder) != before:
        raise StorageError("sealing", str(folder), "another process has sealed this run meanwhile")
    write_manifest(folder, after)


def _settle(folder: Path, segments: Sequence[Segment]) -> None:
    """Make the entries of the new files survive a power cut before anything says that they count."""
    for place in sorted({file.path.partition("/")[0] for segment in segments for file in segment.files}):
        flush_folder(join(folder, place))
    flush_folder(folder)


def _rescue(folder: Path, file: SourceFile) -> None:
    """Somebody had the file open and wrote on, against all signs: what came is a file of its own."""
    late = file.late()
    if late:
        stem, _, suffix = file.name.partition(".")
        path = folder / f"{stem.partition('-')[0]}-{os.urandom(4).hex()}.{suffix}"
        with path.open("xb") as out:
            out.write(late)
            out.flush()
            os.fsync(out.fileno())


def _account(folder: Path, sources: Sequence[Source], segments: Sequence[Segment], listed: int = 0) -> Sealed:
    """
    :param listed: bytes that ``segments.json`` had before.
    """
    return Sealed(
        bytes_before=sum(source.bytes for source in sources),
        bytes_now=sum(file.bytes for segment in segments for file in segment.files) + _listed(folder) - listed,
        lines=sum(source.lines for source in sources),
        points=sum(segment.points for segment in segments),
    )


def _listed(folder: Path) -> int:
    """Bytes of ``segments.json``."""
    path = folder / NAME
    return path.stat().st_size if path.exists() else 0


def _refuse(folder: Path, why_not: Callable[[], str | None]) -> None:
    reason = why_not()
    if reason is not None:
        raise StorageError("sealing", str(folder), f"the run {reason}")


@contextmanager
def _mapped(what: str, folder: Path) -> Iterator[None]:
    """What the system reports is raised as a :class:`StorageError`."""
    import errno

    kinds: dict[int, type[StorageError]] = {
        errno.ENOSPC: StorageFull,
        errno.EDQUOT: StorageFull,
        errno.EFBIG: StorageFull,
        errno.ENOENT: StorageGone,
        errno.EROFS: StorageReadOnly,
        errno.EACCES: StorageReadOnly,
        errno.EPERM: StorageReadOnly,
    }
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        kind = kinds.get(error.errno or 0, StorageError)
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise kind(what, str(folder), f"{reason}; the run is as it was") from error
