"""What of a copy came from the other machine, and may go when it is there no more. What was only ever here stays."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from runicorn.contracts import FileEntry
from runicorn.serialize import read_object, write_json

from .bringing import PARTS, grows
from .finding import runs_below

#: What Runicorn writes into the folder of a run, beside what only grows and what people say of it.
_WRITTEN = frozenset([
    "meta.json", "params.json", "status.json", "summary.json", "environment.json", "artifacts.json", "segments.json",
    "artifacts_created.json", "artifacts_used.json", "writers", "media", "metrics", "logs",
])  # fmt: skip
_PEOPLE = "user.json"
_BIN = ".deleted"


class Belonging(Protocol):
    """Thread-safe."""

    def saw(self, runs: Iterable[str]) -> None:
        """These are there."""

    def brought(self, path: str) -> None:
        """A file came."""

    def gone(self, there: set[str]) -> set[str]:
        """Runs of the folder that came from there, and are there no more."""

    def may_go(self, run: str, name: str) -> bool:
        """Whether something in a run's folder goes, when it is not there."""

    def stays(self, entry: FileEntry, here: Path) -> bool:
        """Whether a file here is more than what is there, and stays as it is."""

    def save(self) -> None: ...


class Everything:
    """A folder in which nobody else writes: all of it came from there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._here: set[str] | None = None

    def saw(self, runs: Iterable[str]) -> None:
        with self._lock:
            if self._here is None:
                self._here = runs_below(self._folder)
            self._here |= set(runs)

    def brought(self, path: str) -> None:
        pass

    def gone(self, there: set[str]) -> set[str]:
        with self._lock:
            missing = (self._here or set()) - there
            self._here = (self._here or set()) & there
            return missing

    def may_go(self, run: str, name: str) -> bool:  # noqa: ARG002
        return True

    def stays(self, entry: FileEntry, here: Path) -> bool:  # noqa: ARG002
        return False

    def save(self) -> None:
        pass


class WhatCame:
    """A folder of the user: what came is written down in it, for each place."""

    def __init__(self, folder: Path, uri: str) -> None:
        self._path, self._uri = folder / ".mirror.json", uri
        self._lock = threading.Lock()
        known = read_object(self._path).get(uri)
        known = known if isinstance(known, dict) else {}
        self._runs, self._binned = set(known.get("runs", ())), set(known.get("deleted", ()))
        self._changed = False

    def saw(self, runs: Iterable[str]) -> None:
        with self._lock:
            before = len(self._runs)
            self._runs |= set(runs)
            self._changed |= len(self._runs) > before
        self.save()  # before they come: a copy that is killed has left nothing that nobody knows of

    def brought(self, path: str) -> None:
        run, _, name = path.rpartition("/")
        if name == _BIN:
            with self._lock:
                self._changed |= run not in self._binned
                self._binned.add(run)

    def gone(self, there: set[str]) -> set[str]:
        with self._lock:
            missing = self._runs - there
            self._changed |= bool(missing)
            self._runs &= there
            return missing

    def may_go(self, run: str, name: str) -> bool:
        if name == _BIN:
            with self._lock:
                return run in self._binned
        return name in _WRITTEN or grows(name) or name.startswith(PARTS)

    def stays(self, entry: FileEntry, here: Path) -> bool:
        """Tags and notes that somebody gave the copy later than the ones there."""
        if entry.path.rpartition("/")[2] != _PEOPLE:
            return False
        try:
            return here.stat().st_mtime > entry.modified_at + 1.0  # there it is told in whole seconds
        except OSError:
            return False

    def save(self) -> None:
        with self._lock:
            if self._changed:
                mine = {"runs": sorted(self._runs), "deleted": sorted(self._binned)}
                write_json(self._path, {**read_object(self._path), self._uri: mine})
                self._changed = False
