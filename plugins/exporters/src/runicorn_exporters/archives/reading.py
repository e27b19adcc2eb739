"""Archives in: every file is compared with the manifest before its run is one."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen
from runicorn.contracts import RunHead
from runicorn.errors import ImportProblem
from runicorn.serialize import dumps

from . import manifest as manifests
from .containers import DAMAGED, Member, Members, kind_of, members
from .manifest import ArchivedPart, ArchivedRun, ArchiveManifest

if TYPE_CHECKING:
    from runicorn.contracts import RunSink, RunSource

_PIECE = 1 << 20


@frozen
class ArchiveLimits:
    """Against files that are small and become huge. What an archive says of itself is held against these, and what it
    holds against what it says."""

    max_bytes: int = 1 << 40  # of all files, unpacked
    max_files: int = 1_000_000
    max_ratio: float = 500.0  # unpacked to packed, from 1 GiB on


class ArchiveImporter:
    """``.zip``, ``.tar.gz`` and ``.tar.zst`` as ``runicorn export --format archive`` writes them."""

    name = "archive"
    title = "archives of runs (.zip, .tar.gz, .tar.zst)"
    options = ArchiveLimits

    def sniff(self, path: Path) -> float:
        kind = kind_of(path) if path.is_file() else None
        if kind is None:
            return 0.0
        try:
            with members(path, kind) as found:
                return 1.0 if _first(found) else 0.0
        except (*DAMAGED, ImportProblem, OSError):
            return 0.1  # whoever asks for it is told what is wrong

    def read(self, path: Path, options: ArchiveLimits) -> Iterator[RunSource]:
        kind = kind_of(path) if path.is_file() else None
        if kind is None:
            raise ImportProblem(str(path), "is no .zip, .tar.gz or .tar.zst file")
        try:
            with members(path, kind) as found:
                manifest = _manifest(found, path, options)
                _check(manifest, path, options)
                found.at_most(manifest.size, len(manifest.files))
                content = _Content(found, path)
                for part in manifest.parts:
                    head = RunHead(f"{path.name}:{part.name}", "", part.name, size=part.size, part=part.name)
                    yield _Archived(part, head, content)
                for run in manifest.runs:
                    yield _Archived(run, _head(run), content)
        except DAMAGED as error:
            raise _damaged(path, error) from error


class _Content:
    """The members behind the manifest, in their order; what nobody wants is passed over."""

    def __init__(self, found: Members, path: Path) -> None:
        self._found, self.path = found, path
        self._waiting: Member | None = None

    def of(self, folder: str) -> Iterator[Member]:
        """The next members that lie in a run's folder."""
        seen = False
        while member := self._waiting or next(self._found, None):
            self._waiting = None
            if member.name.startswith(f"{folder}/"):
                seen = True
                yield member
            elif seen:
                self._waiting = member
                return


def _head(run: ArchivedRun) -> RunHead:
    digests = {file.path: file.sha256 for file in run.files}
    return RunHead(
        source=sha256(dumps(digests)).hexdigest(),
        project=run.project,
        name=run.name,
        id=run.id,
        created_at=run.created_at,
        size=run.size,
        digests=digests,
    )


class _Archived:
    """A run, or a part, file by file."""

    def __init__(self, archived: ArchivedRun | ArchivedPart, head: RunHead, content: _Content) -> None:
        self._archived, self.head, self._content = archived, head, content
        self._what = head.part or f"run {head.id}"

    def read(self, sink: RunSink) -> None:
        missing = {f"{self._archived.folder}/{file.path}": file for file in self._archived.files}
        try:
            for member in self._content.of(self._archived.folder):
                known = missing.pop(member.name, None)
                if known is None:
                    raise self._problem(f"holds {member.name}, which its manifest does not name so")
                sink.file(known.path, self._verified(member, known.size, known.sha256, sink))
        except DAMAGED as error:
            raise _damaged(self._content.path, error, self._what) from error
        if missing:
            raise self._problem(f"lacks {next(iter(missing))}")

    def _verified(self, member: Member, size: int, wanted: str, sink: RunSink) -> Iterator[bytes]:
        digest, left = sha256(), size
        while piece := member.content.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise self._problem(f"{member.name} is longer than the manifest says")
            digest.update(piece)
            sink.advance(len(piece))
            yield piece
        if left or digest.hexdigest() != wanted:
            raise self._problem(f"{member.name} is not what it was when it was archived")

    def _problem(self, what: str) -> ImportProblem:
        return ImportProblem(self._content.path.name, f"{what}; nothing of {self._what} was imported")


def _first(found: Iterator[Member]) -> Member | None:
    member = next(found, None)
    return member if member is not None and member.name == manifests.NAME else None


def _manifest(found: Iterator[Member], path: Path, limits: ArchiveLimits) -> ArchiveManifest:
    member = _first(found)
    if member is None:
        raise ImportProblem(str(path), f"is no archive of runs: its first file is not {manifests.NAME}")
    if member.size > min(manifests.MOST_BYTES, manifests.FREE_BYTES + manifests.MOST_RATIO * path.stat().st_size):
        raise ImportProblem(str(path), "its manifest is larger than any that Runicorn writes")
    data = member.content.read(member.size)
    if data.count(b",") > manifests.MOST_VALUES * (limits.max_files + 100):
        raise ImportProblem(
            str(path), f"names more than {limits.max_files:,} files; allow them with --option max_files=NUMBER"
        )
    return manifests.decode(data, str(path))


def _check(manifest: ArchiveManifest, path: Path, limits: ArchiveLimits) -> None:
    """:raises ImportProblem: it would become more than is allowed."""
    packed = max(1, path.stat().st_size)
    count = len(manifest.files)
    if count > limits.max_files:
        raise ImportProblem(str(path), f"holds {count:,} files; allow them with --option max_files=NUMBER")
    if manifest.size > limits.max_bytes:
        raise ImportProblem(str(path), f"would become {manifest.size:,} bytes; allow it with --option max_bytes=NUMBER")
    if manifest.size > 1 << 30 and manifest.size / packed > limits.max_ratio:
        times = manifest.size / packed
        raise ImportProblem(
            str(path), f"would become {times:,.0f} times its size; allow it with --option max_ratio=NUMBER"
        )
    if len({run.folder for run in manifest.runs}) != len(manifest.runs):
        raise ImportProblem(str(path), "its manifest names a run twice")


def _damaged(path: Path, error: Exception, part: str | None = None) -> ImportProblem:
    what = "is cut off" if isinstance(error, EOFError) or "unexpected end" in str(error) else "is damaged"
    return ImportProblem(path.name, f"{what}; nothing of {part or 'it'} was imported ({error})")
