"""All runs of a root. What has not changed on disk is not read again."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from runicorn.model.run import ExperimentRecord, RunRef

from .description import Description, describe
from .discovery import FRESH_NS, Discovery, Place
from .documents import PEOPLE, load


class _Known(NamedTuple):
    changed: int  # of the folder, when its documents were read
    within: tuple[int, ...]  # of what changes without the folder
    description: Description | None
    read_at: int  # what was younger than FRESH_NS then may have changed again within one tick of the clock

    @property
    def id(self) -> str | None:
        return None if self.description is None else self.description.record.ref.id

    def holds(self, changed: int, path: str) -> bool:
        if self.changed != changed or self.read_at - changed < FRESH_NS:
            return False
        if self.description is None or not self.within:
            return True
        return self.within == _within(path, self.description) and self.read_at - max(self.within) >= FRESH_NS


class Listing:
    """Thread-safe: one thread looks at the disk, the others wait for it."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._lock = threading.Lock()
        self._discovery = Discovery(self._root)
        self._known: dict[str, _Known] = {}
        self._people: tuple[int, dict[str, Any]] = (0, {})

    def records(self) -> list[ExperimentRecord]:
        """Newest first, the recycle bin included.

        :raises OSError: the root exists and cannot be read.
        """
        with self._lock:
            known = self._refresh()
        return _shown(known)

    def named(self, run_id: str) -> list[ExperimentRecord]:
        """Those of :meth:`records` that carry an id. Only folders with the id in their names (a copy is called
        ``<id>-copy``) and those known from a list are read: whoever starts a run does not wait for all others.

        :raises OSError: the root exists and cannot be read.
        """
        now, found = time.time_ns(), []
        with self._lock:
            self._read_people()
            for place in self._discovery.places(now):
                known = self._known.get(place.folder)
                if run_id not in place.folder.rpartition("/")[2] and (known is None or known.id != run_id):
                    continue
                entry = self._look(place, known, now)
                if entry is not None:
                    self._known[place.folder] = entry
                    found.append(entry)
        return [record for record in _shown(found) if record.ref.id == run_id]

    def record(self, ref: RunRef) -> ExperimentRecord | None:
        """One run as it is now; None when its folder is gone or is no run."""
        segments = ref.folder.split("/")
        path = f"{self._root}{os.sep}{ref.folder.replace('/', os.sep)}"
        named = segments[0] != "runs" and len(segments) > 2
        place = Place(
            ref.folder, path, segments[0] if named else None, "/".join(segments[1:-2]) or "default" if named else None
        )
        with self._lock:
            self._read_people()
            known = self._look(place, self._known.get(ref.folder), time.time_ns())
            if known is None or known.description is None:
                return None
            self._known[ref.folder] = known
        return known.description.shown(time.time())

    def people(self) -> dict[str, Any]:
        """What older versions kept about all runs in one file."""
        with self._lock:
            self._read_people()
            return self._people[1]

    def _refresh(self) -> Sequence[_Known]:
        now = time.time_ns()
        self._read_people()
        before, self._known = self._known, {}
        for place in self._discovery.places(now):
            entry = self._look(place, before.get(place.folder), now)
            if entry is not None:
                self._known[place.folder] = entry
        return list(self._known.values())

    def _look(self, place: Place, known: _Known | None, now: int) -> _Known | None:
        try:
            changed = os.stat(place.path).st_mtime_ns  # noqa: PTH116 (a Path per run costs more than the call)
        except OSError:
            return None
        if known is not None and known.holds(changed, place.path):
            return known
        description = describe(place, self._people[1])
        # Looked at after reading: what changed in between is younger than ``now``, and so does not hold.
        within = () if description is None else _within(place.path, description)
        return _Known(changed, within, description, now)

    def _read_people(self) -> None:
        path = f"{self._root}{os.sep}{PEOPLE}"
        changed = _changed(path)
        if changed != self._people[0]:
            self._people = changed, load(path)
            self._known.clear()


def _shown(known: Iterable[_Known]) -> list[ExperimentRecord]:
    now = time.time()
    rows = [entry.description.shown(now) for entry in known if entry.description is not None]
    rows.sort(key=lambda record: (-record.created_at, record.ref.folder))
    return rows


def _within(path: str, description: Description) -> tuple[int, ...]:
    return tuple([_changed(f"{path}{os.sep}{name}") for name in description.watched])


def _changed(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116
    except OSError:
        return 0
