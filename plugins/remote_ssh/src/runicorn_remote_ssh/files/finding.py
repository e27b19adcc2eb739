"""Which folders of a tree are runs, in as few rounds of asking as there are levels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Protocol

from attrs import frozen
from runicorn.contracts import FileEntry
from runicorn.errors import StorageGone, StorageUnreachable

#: Folders of a root that are no projects.
_NO_PROJECTS = frozenset(["artifacts", "evaluations", "archive"])
_PROOF = frozenset(["meta.json", "status.json", "summary.json", "params.json", "logs.txt", "events.jsonl"])
_DEEPEST = 16


@frozen
class Found:
    """What a walk has seen."""

    runs: tuple[FileEntry, ...]
    files: tuple[FileEntry, ...]  # of the root itself
    unread: tuple[str, ...]  # folders that may not be read


@frozen
class _Folder:
    path: str
    holds: str  # names: projects and names; runs: run folders; older: run folders, or folders of such
    above: tuple[object, ...] = ()  # what the folders hold in which it lies


class Listing(Protocol):
    """What is walked through."""

    def list(self, path: str = "") -> Sequence[FileEntry]: ...


def find_runs(tree: Listing, pool: Executor) -> Found:
    """Walk a storage root.

    :raises StorageGone: there is no such root.
    :raises StorageUnreachable: the way there broke; nothing is known.
    """
    top = tree.list()
    runs: list[FileEntry] = []
    unread: list[str] = []
    level = list(_below(_Folder("", "names"), top, runs))
    for _ in range(_DEEPEST):
        if not level:
            break
        answers = list(pool.map(lambda folder: _listed(tree, folder), level))
        unread += [folder.path for folder, answer in zip(level, answers, strict=True) if answer is None]
        level = [
            inner
            for folder, entries in zip(level, answers, strict=True)
            for inner in _below(folder, entries or (), runs)
        ]
    files = tuple(entry for entry in top if entry.kind == "file" and entry.path.endswith(".json"))
    return Found(tuple(runs), files, tuple(unread))


def _listed(tree: Listing, folder: _Folder) -> tuple[FileEntry, ...] | None:
    try:
        return tuple(tree.list(folder.path))
    except StorageUnreachable:
        raise
    except StorageGone:
        return ()
    except OSError:
        return None


def _below(folder: _Folder, entries: Iterable[FileEntry], runs: list[FileEntry]) -> list[_Folder]:
    """The folders to look into next; what is a run goes to ``runs``."""
    entries = list(entries)
    held = frozenset((entry.path.rpartition("/")[2], entry.kind, entry.modified_at) for entry in entries)
    if held and held in folder.above:
        return []  # a link leads back to where it came from
    above = (*folder.above, held)
    names = {entry.path.rpartition("/")[2] for entry in entries}
    if folder.holds == "older" and folder.path != "runs" and _is_run(names):
        runs.append(FileEntry(folder.path, "folder"))
        return []
    subfolders = [e for e in entries if e.kind == "folder" and e.path.rpartition("/")[2][0] != "."]
    if folder.holds == "runs":
        runs += subfolders
        return []
    if folder.holds == "older":
        return [_Folder(entry.path, "older", above) for entry in subfolders]
    inside: list[_Folder] = []
    for entry in subfolders:
        if entry.path in _NO_PROJECTS:
            continue
        if entry.path == "runs":
            inside.append(_Folder("runs", "older", above))
        else:
            inside.append(_Folder(entry.path, "runs" if entry.path.endswith("/runs") else "names", above))
    return inside


def _is_run(names: Iterable[str]) -> bool:
    return any(name in _PROOF or (name.startswith("events-") and name.endswith(".jsonl")) for name in names)


def runs_below(root: Path) -> set[str]:
    """Run folders that an earlier process brought."""
    found = set()
    for folder, names, _ in os.walk(root):
        names[:] = [name for name in names if not name.startswith(".")]
        if folder.endswith(f"{os.sep}runs"):
            relative = Path(folder).relative_to(root).as_posix()
            if relative != "runs":  # older roots, whose depth says nothing, lose no run here
                found |= {f"{relative}/{name}" for name in names}
            names.clear()
    return found


def in_parallel(pool: Executor, work: Callable[[FileEntry], object], entries: Iterable[FileEntry]) -> None:
    """Do it for all of them; the first error is raised when all are done."""
    waiting = [pool.submit(work, entry) for entry in entries]
    errors = [error for future in waiting if (error := future.exception()) is not None]
    if errors:
        raise errors[0]
