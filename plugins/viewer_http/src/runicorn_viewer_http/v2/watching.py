"""What changed below a root since the last look: a few ``stat`` calls, no file is read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable

from attrs import evolve, frozen
from runicorn.contracts import Store
from runicorn.errors import RunicornError
from runicorn.model.run import ExperimentRecord

#: Seconds from news to the next look at the runs that are written, and between two looks at the list of all runs.
ACTIVE_S, LIST_S = 0.5, 5.0
#: While there is no news it is looked more often, so that the first value is seen at once.
QUIET_S = 0.1
#: A list that takes long to make is made less often: it may take this share of the time.
_SHARE = 0.02

_Files = tuple[tuple[str, int, int], ...]


@frozen
class Changes:
    """What one look found. Runs are named by their folders."""

    listed: dict[str, ExperimentRecord | None]  # new, changed or (None) gone
    metrics: frozenset[str]
    logs: frozenset[str]
    before: dict[str, ExperimentRecord]  # what was listed there before


class Watcher:
    """Looks at a store. One thread at a time."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self.records: dict[str, ExperimentRecord] = {}
        self._files: dict[str, tuple[_Files, _Files, int]] = {}
        self._list_at = 0.0
        self._began = False

    def look(self, wanted: Iterable[str]) -> Changes:
        """Look at the runs that are written and those wanted; at the list of all, when its time has come."""
        listed: dict[str, ExperimentRecord | None] = {}
        before: dict[str, ExperimentRecord] = {}
        if self._clock() >= self._list_at:
            began = self._clock()
            listed, before = self._list()
            took = self._clock() - began
            self._list_at = began + max(LIST_S, took / _SHARE)
        metrics, logs = set(), set()
        active = {folder for folder, record in self.records.items() if record.status == "running"}
        for folder in active | {folder for folder in wanted if folder in self.records}:
            known = self._files.get(folder)
            now = _files_of(str(self._store.root / folder))  # a folder that the store has listed
            if now is None:
                self._list_at = 0.0  # gone: the list says so at the next look
                continue
            self._files[folder] = now
            if known is None:
                continue
            if now[0] != known[0]:
                metrics.add(folder)
            if now[1] != known[1]:
                logs.add(folder)
            if now[2] != known[2]:
                self._refresh(folder, listed, before)
        for folder in [folder for folder in self._files if folder not in self.records]:
            del self._files[folder]
        return Changes(listed, frozenset(metrics), frozenset(logs), before)

    def _list(self) -> tuple[dict[str, ExperimentRecord | None], dict[str, ExperimentRecord]]:
        found = {record.ref.folder: record for record in self._store.list_runs(deleted=None)}
        old, self.records = self.records, found
        if not self._began:  # what was there at the beginning is no change
            self._began = True
            return {}, {}
        listed: dict[str, ExperimentRecord | None] = {}
        for folder, record in found.items():
            known = old.get(folder)
            if known is None or (known is not record and _shown(known) != _shown(record)):
                listed[folder] = record
        listed |= dict.fromkeys(old.keys() - found.keys())
        return listed, {folder: old[folder] for folder in listed if folder in old}

    def _refresh(
        self, folder: str, listed: dict[str, ExperimentRecord | None], before: dict[str, ExperimentRecord]
    ) -> None:
        """A document of the run was replaced: it is listed anew at once."""
        known = self.records[folder]
        try:
            record = self._store.open_run(known.ref).record
        except RunicornError:
            self._list_at = 0.0
            return
        if _shown(record) != _shown(known):
            before.setdefault(folder, known)
            self.records[folder] = listed[folder] = record


def _shown(record: ExperimentRecord) -> ExperimentRecord:
    """Without what changes every ten seconds."""
    return evolve(record, heartbeat_at=None)


def _files_of(folder: str) -> tuple[_Files, _Files, int] | None:
    """Sizes of the files of records and of the log, and when the folder itself changed; None when it is gone."""
    records, logs = [], []
    try:
        changed = os.stat(folder).st_mtime_ns  # noqa: PTH116 (every half second, for every run that is written)
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith("events") or name == "segments.json":
                    found = entry.stat()
                    records.append((name, found.st_size, found.st_ino))
                elif name.startswith("logs"):
                    found = entry.stat()
                    logs.append((name, found.st_size, found.st_ino))
    except OSError:
        return None
    return tuple(sorted(records)), tuple(sorted(logs)), changed
