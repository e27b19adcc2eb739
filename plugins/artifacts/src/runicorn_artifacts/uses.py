"""Which run used which version: one small blob for each pair, so that no two runs wait for each other."""

from __future__ import annotations

import time
from collections.abc import Mapping
from hashlib import sha256

from attrs import frozen
from runicorn.contracts.artifacts import BlobStore
from runicorn.serialize import dumps, loads

from .local_store import is_temporary
from .manifest import Link, RunLink

USES = "uses/"  # by version
USED_BY = "used-by/"  # the same by run: what a run used is found without reading everything


@frozen
class Use:
    run: RunLink
    at: float  # Unix seconds, of the first time


class Uses:
    """Thread-safe."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self._known: dict[str, Use] = {}

    def add(self, version: Link, run: RunLink) -> None:
        """Keep that a run used a version; once is enough."""
        content = {"run": {"id": run.id, "project": run.project, "name": run.name}, "at": time.time()}
        by_run, by_version = _keys(version, run)
        self._store.create(by_run, b"{}")
        self._store.create(by_version, dumps(content))

    def of(self, version: Link) -> list[Use]:
        """The runs that used a version, oldest first."""
        keys = [entry.key for entry in self._store.list(_prefix(version)) if not is_temporary(entry.key)]
        found = [self._read(key) for key in keys]
        return sorted((use for use in found if use is not None), key=lambda use: (use.at, str(use.run)))

    def by(self, run: RunLink) -> list[Link]:
        """The versions that a run used."""
        prefix = _by_run(run)
        found = []
        for entry in self._store.list(prefix):
            if is_temporary(entry.key):
                continue  # a process was killed while it wrote
            kind, name, version = entry.key.removeprefix(prefix).removesuffix(".json").split("/")
            found.append(Link(kind, name, int(version[1:])))
        return found

    def keys_by(self, run: RunLink) -> list[str]:
        """The blobs that say what a run used."""
        return [key for version in self.by(run) for key in _keys(version, run)]

    def all(self) -> list[tuple[Link, Use]]:
        """Every use in the store."""
        found = []
        for entry in self._store.list(USES):
            if is_temporary(entry.key):
                continue
            kind, name, version, _ = entry.key.removeprefix(USES).split("/")
            use = self._read(entry.key)
            if use is not None:
                found.append((Link(kind, name, int(version[1:])), use))
        return found

    def _read(self, key: str) -> Use | None:
        if key not in self._known:
            try:
                found = loads(self._store.read(key))
                run = found["run"]
                self._known[key] = Use(RunLink(run["id"], run["project"], run["name"]), float(found["at"]))
            except (KeyError, ValueError, TypeError):
                return None  # being written by a store without atomic creation, or damaged
        return self._known[key]


def renumbered(key: str, numbers: Mapping[Link, int]) -> str:
    """The key of a use where a version has another number than it had."""
    parts = key.split("/")
    at = 3 if key.startswith(USES) else 4
    before, dot, rest = parts[at].partition(".")
    number = numbers.get(Link(parts[at - 2], parts[at - 1], int(before[1:])))
    if number is not None:
        parts[at] = f"v{number}{dot}{rest}"
    return "/".join(parts)


def _keys(version: Link, run: RunLink) -> tuple[str, str]:
    """By run, and by version."""
    by_run = f"{_by_run(run)}{version.type}/{version.name}/v{version.version}.json"
    return by_run, f"{_prefix(version)}{_mark(run)}.json"


def _prefix(version: Link) -> str:
    return f"{USES}{version.type}/{version.name}/v{version.version}/"


def _by_run(run: RunLink) -> str:
    return f"{USED_BY}{_mark(run)}/"


def _mark(run: RunLink) -> str:
    """A run's name as a folder."""
    return sha256(str(run).encode()).hexdigest()[:24]
