"""Which folders below a root are runs.

Three layouts: ``<project>/<name...>/runs/<id>`` (today and 0.5), ``runs/<path...>/<id>`` (0.7) and ``runs/<id>``
(before projects existed). Symbolic links below the root are not followed: nothing outside is shown, nothing loops.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

#: Folders of the root that older versions used for other things.
NO_PROJECTS = frozenset(["artifacts", "evaluations", "archive"])
#: A folder that holds one of these is a run. ``media`` alone is not enough: it could be a name.
_PROOF = frozenset(["meta.json", "status.json", "summary.json", "params.json", "logs.txt", "events.jsonl"])
#: A folder this young may change again without a visible change of its time.
FRESH_NS = 2_000_000_000


class Place(NamedTuple):
    """A folder that may be a run."""

    folder: str  # relative to the root
    path: str
    project: str | None  # None: the run's documents tell
    name: str | None


class _Folder(NamedTuple):
    changed: int
    subfolders: tuple[str, ...]
    run: bool
    read_at: int


_NOTHING = _Folder(0, (), False, 0)


def is_run(names: Iterable[str]) -> bool:
    """Whether a folder with these entries is a run."""
    return any(name in _PROOF or (name.startswith("events-") and name.endswith(".jsonl")) for name in names)


class Discovery:
    """Walks a root; a folder whose time has not changed is not read again. Not for several threads at once."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._known: dict[str, _Folder] = {}
        self._before: dict[str, _Folder] = {}
        self._now = 0

    def places(self, now_ns: int) -> list[Place]:
        """Every folder that may be a run.

        :raises OSError: the root exists and cannot be read.
        """
        self._before, self._known, self._now = self._known, {}, now_ns
        found: list[Place] = []
        for entry in self._look(self._root, top=True).subfolders:
            path = f"{self._root}{os.sep}{entry}"
            if entry == "runs":
                found += self._below_runs(path, entry)
            elif entry not in NO_PROJECTS:
                found += self._below_project(path, entry, entry, "")
        return found

    def _below_project(self, path: str, folder: str, project: str, name: str) -> Iterator[Place]:
        for entry in self._look(path).subfolders:
            inner, relative = f"{path}{os.sep}{entry}", f"{folder}/{entry}"
            if entry != "runs":
                yield from self._below_project(inner, relative, project, f"{name}/{entry}" if name else entry)
                continue
            shown = name or "default"
            for run in self._look(inner).subfolders:
                yield Place(f"{relative}/{run}", f"{inner}{os.sep}{run}", project, shown)

    def _below_runs(self, path: str, folder: str) -> Iterator[Place]:
        for entry in self._look(path).subfolders:
            inner, relative = f"{path}{os.sep}{entry}", f"{folder}/{entry}"
            if self._look(inner).run:
                yield Place(relative, inner, None, None)
            else:
                yield from self._below_runs(inner, relative)

    def _look(self, path: str, *, top: bool = False) -> _Folder:
        try:
            changed = os.stat(path).st_mtime_ns  # noqa: PTH116 (a Path per folder costs more than the call)
            folder = self._before.get(path)
            if folder is None or folder.changed != changed or folder.read_at - changed < FRESH_NS:
                folder = _read(path, changed, self._now)
        except FileNotFoundError:
            return _NOTHING
        except OSError:
            if top:
                raise
            return _NOTHING  # one folder that may not be read hides its own runs only
        self._known[path] = folder
        return folder


def _read(path: str, changed: int, now: int) -> _Folder:
    with os.scandir(path) as entries:
        found = list(entries)
    subfolders = tuple(entry.name for entry in found if entry.name[0] != "." and entry.is_dir(follow_symlinks=False))
    return _Folder(changed, subfolders, is_run(entry.name for entry in found), now)
