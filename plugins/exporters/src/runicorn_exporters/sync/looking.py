"""What lies in a tree, by run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from runicorn.contracts import FileEntry, FileTree
from runicorn.errors import StorageError, StorageGone

from ..manifest.generator import OWN, is_passing

_RUN = re.compile(r"(?:.+?/)?runs/[^/]+(?=/)")
STAGE = ".incoming-"
MOST_CALLS = 16  # at the same time


def group_of(path: str) -> str:
    """The folder of the run that a file belongs to; "" for files of no run."""
    if path.startswith("artifacts/"):
        return ""
    found = _RUN.match(path)
    return "" if found is None else found.group()


def staged(group: str) -> str:
    """Where a new run is put together, which nobody lists as a run."""
    folder, _, name = group.rpartition("/")
    return f"{folder}/{STAGE}{name}"


def is_staged(group: str) -> bool:
    """Whether a run is being put together there, or was when a copy was killed."""
    return group.rpartition("/")[2].startswith(STAGE)


def clear(tree: FileTree, folder: str) -> None:
    """Remove a folder with all that is in it, as far as it can be."""
    for entry in _listed(tree, folder):
        if entry.kind == "folder":
            clear(tree, entry.path)
        else:
            with suppress(StorageError):
                tree.remove(entry.path)
    with suppress(StorageError):
        tree.remove(folder)


def files_of(tree: FileTree) -> dict[str, dict[str, FileEntry]]:
    """Folder of a run ("" = no run's) -> path relative to the tree -> file. A tree that does not exist is empty.

    Runs that are being put together are listed under their stage.
    """
    found: dict[str, dict[str, FileEntry]] = {}
    with ThreadPoolExecutor(max(1, min(MOST_CALLS, tree.parallel)), "runicorn-sync") as pool:
        waiting = [""]
        while waiting:
            deeper = []
            for entries in pool.map(lambda path: _listed(tree, path), waiting):
                for entry in entries:
                    name = entry.path.rpartition("/")[2]
                    if entry.path == OWN or (is_passing(name) and not name.startswith(STAGE)):
                        continue
                    if entry.kind == "folder":
                        deeper.append(entry.path)
                    elif entry.kind == "file":
                        found.setdefault(group_of(entry.path), {})[entry.path] = entry
            waiting = deeper
    return found


def _listed(tree: FileTree, path: str) -> Iterator[FileEntry]:
    try:
        yield from tree.list(path)
    except StorageGone:
        return
