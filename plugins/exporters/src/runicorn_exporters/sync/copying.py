"""Bringing files over: each appears when it is whole, new runs when they are."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from attrs import define, field
from runicorn.contracts import FileEntry, FileTree
from runicorn.errors import RunicornError, StorageError, StorageFull, StorageGone, StorageUnreachable

from .artifacts import joined, same_version, used_version_of, version_of
from .deciding import APART, CONFLICTS, Decision, OnConflict, decide, is_growing, stamp
from .looking import MOST_CALLS, clear, files_of, is_staged, staged
from .sealed import Plan, plan

_BLOCK = 4 << 20
_TRIES = 5
#: The order within a run or the artifacts: what others point at comes first, what says that something is there last.
_ORDER = (
    re.compile(r"(.*/)?media/.*|artifacts/objects/.*"),
    re.compile(r".*\.(jsonl|txt|parquet)"),
    re.compile(r"(.*/)?(segments|params|environment|artifacts)\.json|artifacts/versions/.*"),
    re.compile(r"(.*/)?(summary|user)\.json|artifacts/.*"),
    re.compile(r"(.*/)?status\.json"),
    re.compile(r".*"),
)


@define
class Outcome:
    """Exact counts of what was done, or would be."""

    runs: int = 0  # that were new there
    copied: int = 0
    copied_bytes: int = 0
    extended: int = 0
    extended_bytes: int = 0
    unchanged: int = 0
    removed: int = 0  # files that Parquet segments have replaced
    replaced: list[tuple[str, str]] = field(factory=list)  # path, why; of what is made once
    joined: list[tuple[str, str]] = field(factory=list)  # artifacts that both roots have changed
    kept: list[tuple[str, str]] = field(factory=list)  # path, why
    conflicts: list[tuple[str, str]] = field(factory=list)
    failed: list[tuple[str, str]] = field(factory=list)

    @property
    def complete(self) -> bool:
        return not self.conflicts and not self.failed


#: Told after each file: files looked at, of how many, and the outcome so far.
Told = Callable[[int, int, Outcome], object]


@define
class Sync:
    """One pass from one tree to another. Killed at any moment, the next pass goes on where it was."""

    source: FileTree
    target: FileTree
    dry_run: bool = False
    overwrite: bool = False  # also what is newer there
    on_conflict: OnConflict = "skip"
    told: Told = lambda *_: None
    outcome: Outcome = field(factory=Outcome, init=False)
    _looked: int = field(default=0, init=False)
    _total: int = field(default=0, init=False)

    def run(self) -> Outcome:
        """
        :raises StorageError: one of the places does not answer, or is full; what came over stays.
        """
        ours = {group: files for group, files in files_of(self.source).items() if not is_staged(group)}
        theirs = files_of(self.target)
        self._total = sum(map(len, ours.values()))
        calls = max(1, min(MOST_CALLS, max(self.source.parallel, self.target.parallel)))
        with ThreadPoolExecutor(calls, "runicorn-sync") as pool:
            for group in sorted(ours):
                self._group(pool, group, ours[group], theirs)
        return self.outcome

    def _group(
        self,
        pool: ThreadPoolExecutor,
        group: str,
        files: Mapping[str, FileEntry],
        theirs: Mapping[str, Mapping[str, FileEntry]],
    ) -> None:
        """A run, or the files of no run. A new run is put together beside, and appears as a whole."""
        new = bool(group) and group not in theirs
        there = dict(theirs.get(staged(group), {}) if new else theirs.get(group, {}))
        failed = len(self.outcome.failed)
        sealed = Plan() if new else plan(self.source, self.target, group, files, there)
        numbers = {version_of(path): path for path in there}  # that versions have in the target
        apart: set[str] = set()  # versions of which the target has another one, and keeps it

        def place(path: str) -> str:
            return staged(group) + path[len(group) :] if new else path

        def one(entry: FileEntry) -> tuple[FileEntry, Decision | RunicornError, int]:
            path = place(entry.path)
            if path in sealed.inside:
                return entry, Decision("same"), 0
            if path in sealed.decided:
                return entry, sealed.decided[path], self._do(sealed.decided[path], entry, path, there.get(path))
            if path not in there and used_version_of(path) in apart:
                return entry, Decision("kept", "means a version that is another one there"), 0
            version = version_of(path)
            try:
                if (
                    path not in there and version is not None and version in numbers
                ):  # one of them is an older Runicorn's
                    decision = CONFLICTS[self.on_conflict]
                else:
                    decision = self._decide(entry, there.get(path))
                if decision in APART and version is not None:
                    apart.add(version)
                    other = same_version(self.source, self.target, entry.path, there)
                    decision = Decision("kept", f"is {other} there") if other is not None else decision
                return entry, decision, self._do(decision, entry, path, there.get(path))
            except StorageGone:  # gone meanwhile: replaced, sealed or deleted over there
                return entry, Decision("same"), 0
            except (StorageUnreachable, StorageFull):
                raise
            except RunicornError as error:
                return entry, error, 0

        def lacks(folder: str) -> bool:
            return any(path.startswith(f"{folder}/") for path, _ in self.outcome.failed[failed:])

        for stage in _in_order(files.values()):
            # Nothing is to say that something is there whose content is not: it waits for the next time.
            if lacks(group if new else "artifacts") and (new or not group):
                stage = [entry for entry in stage if not (new or entry.path.startswith("artifacts/"))]
            # What both have comes first: it may keep back what only one of them has.
            both = [entry for entry in stage if place(entry.path) in there]
            for part in (both, [entry for entry in stage if place(entry.path) not in there]):
                for entry, decision, count in pool.map(one, part):
                    self._note(entry, decision, count)
        if new and lacks(group):
            return
        if new and (self.dry_run or self._appears(group, files)):
            self.outcome.runs += 1
        if not group and not lacks("artifacts"):
            self.outcome.joined += joined(self.source, self.target, files, there)
        if len(self.outcome.failed) == failed:
            self._replace(group, sealed)

    def _appears(self, group: str, files: Iterable[str]) -> bool:
        """Put a new run in its place, unless another copy has been faster, whose files are looked at next time."""
        try:
            self.target.rename(staged(group), group)
        except StorageError:
            if all(self.target.stat(path) is None for path in files):
                if self.target.stat(group) is None:
                    raise
                _remove_empty(self.target, group)  # folders without a file do not stand in its way
                self.target.rename(staged(group), group)
                return True
            clear(self.target, staged(group))
            return False
        return True

    def _decide(self, entry: FileEntry, there: FileEntry | None) -> Decision:
        overwrite, on_conflict = self.overwrite, self.on_conflict
        return decide(self.source, self.target, entry, there, overwrite=overwrite, on_conflict=on_conflict)

    def _do(self, decision: Decision, entry: FileEntry, path: str, there: FileEntry | None) -> int:
        """:returns: bytes that came over."""
        if decision.action == "extend":
            assert there is not None
            return self._extend(entry, path, there.size)
        if decision.action != "copy":
            return 0
        size = self._lines_end(entry, 0) if is_growing(entry.path) else entry.size
        if self.dry_run:
            return size
        for attempt in range(_TRIES):
            source = _Stream(self.source, entry, size)
            try:
                self.target.write(path, source, modified_at=stamp(entry))  # type: ignore[arg-type]  # it can be read
                return size
            except _Changed:
                found = self.source.stat(entry.path)
                if found is None or attempt == _TRIES - 1:
                    raise StorageGone("copying", self.source.uri, f"{entry.path} changes all the time") from None
                entry, size = found, found.size
        raise AssertionError("the loop ends before")

    def _extend(self, entry: FileEntry, path: str, at: int) -> int:
        end, begin = self._lines_end(entry, at), at
        while at < end and not self.dry_run:
            block = self.source.read(entry.path, at, min(_BLOCK, end - at))
            if not block:
                break
            self.target.append(path, block, at)
            at += len(block)
        return (end if self.dry_run else at) - begin

    def _lines_end(self, entry: FileEntry, begin: int) -> int:
        """Where the last whole line ends: what is half written comes over next time. A settled file is taken whole."""
        if stamp(entry) == entry.modified_at:
            return entry.size
        at = entry.size
        while at > begin:
            start = max(begin, at - (1 << 16))
            found = self.source.read(entry.path, start, at - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            at = start
        return begin

    def _note(self, entry: FileEntry, decision: Decision | RunicornError, count: int) -> None:
        self._looked += 1
        outcome = self.outcome
        if isinstance(decision, RunicornError):
            outcome.failed.append((entry.path, str(decision)))
        elif decision.action == "copy":
            outcome.copied += 1
            outcome.copied_bytes += count
            if decision.why:
                outcome.replaced.append((entry.path, decision.why))
        elif decision.action == "extend" and count:
            outcome.extended += 1
            outcome.extended_bytes += count
        elif decision.action == "kept":
            outcome.kept.append((entry.path, decision.why))
        elif decision.action == "conflict":
            outcome.conflicts.append((entry.path, decision.why))
        else:
            outcome.unchanged += 1
        self.told(self._looked, self._total, outcome)

    def _replace(self, group: str, sealed: Plan) -> None:
        """What stands in the target twice goes, now that all else is there; first the document that makes segments
        count."""
        if sealed.reopened:
            self.outcome.replaced.append((f"{group}/segments.json", "SRC has gone on with the run"))
        self.outcome.removed += len(sealed.removed)
        for path in (*sealed.removed, *sealed.reopened):
            if not self.dry_run:
                self.target.remove(path)


class _Changed(StorageError):
    """A file that was replaced while it was read."""


class _Stream(io.RawIOBase):
    """The content of a file as a stream, which raises at its end when the file is another one by then."""

    def __init__(self, tree: FileTree, entry: FileEntry, size: int) -> None:
        self._tree, self._entry, self._size, self._at = tree, entry, size, 0
        self._block = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # what RawIOBase promises
        if not self._block and self._at < self._size:
            self._block = memoryview(self._tree.read(self._entry.path, self._at, min(_BLOCK, self._size - self._at)))
            self._at += len(self._block)
            if not self._block:
                self._replaced()
        if not self._block and not is_growing(self._entry.path):
            found = self._tree.stat(self._entry.path)
            if found is None or (found.size, found.modified_at) != (self._entry.size, self._entry.modified_at):
                self._replaced()
        count = min(len(view), len(self._block))
        view[:count] = self._block[:count]
        self._block = self._block[count:]
        return count

    def _replaced(self) -> None:
        raise _Changed("copying", self._tree.uri, f"{self._entry.path} was replaced meanwhile")


def _remove_empty(tree: FileTree, folder: str) -> None:
    """Folders that hold nothing but folders; nothing else is removed by this.

    :raises StorageError: there is more in them.
    """
    for entry in tree.list(folder):
        if entry.kind == "folder":
            _remove_empty(tree, entry.path)
    tree.remove(folder)


def _in_order(entries: Iterable[FileEntry]) -> list[list[FileEntry]]:
    stages: list[list[FileEntry]] = [[] for _ in _ORDER]
    for entry in entries:
        stages[next(n for n, pattern in enumerate(_ORDER) if pattern.fullmatch(entry.path))].append(entry)
    return stages
