"""Notices of what changed, for everybody who listens: by socket, or by asking again and again.

A notice says that something is new, and what is small of it; whoever draws asks for the data. For each topic only the
newest notice is kept, so a client that was away gets at most one for each.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen
from runicorn.contracts import Store
from runicorn.errors import RunicornError
from runicorn.model.run import ExperimentRecord

from .topics import Following
from .watching import ACTIVE_S, Watcher

#: What rides along: rows of a list, values of a run, bytes of log lines.
ROWS, VALUES, LOG_BYTES = 50, 200, 16 * 1024
_REMEMBERED = 10_000  # changes of the list


@frozen
class Topics:
    """What a client listens to."""

    projects: frozenset[str] = frozenset()  # "" = all
    metrics: frozenset[str] = frozenset()  # folders
    logs: frozenset[str] = frozenset()
    plugins: frozenset[str] = frozenset()  # topics of theirs
    names: Mapping[str, str] = field(factory=dict)  # folder -> as the client calls the run
    unknown: tuple[str, ...] = ()  # runs and topics that do not exist


class Live:
    """The notices of one root. Thread-safe."""

    def __init__(self, store: Store, following: Following | None = None) -> None:
        self.epoch = secrets.token_hex(4)
        self._store = store
        self._lock = threading.RLock()
        self._watcher = Watcher(store)
        self._looked_at = -1e9
        self._seq = 0
        self._listed: dict[str, tuple[int, ExperimentRecord | None, str]] = {}  # folder -> seq, record, project
        self._forgotten = 0  # changes of the list up to here are not remembered one by one
        self._values: dict[str, dict[str, tuple[int, int, Any]]] = {}  # folder -> key -> seq, n, last
        self._steps: dict[str, int | None] = {}
        self._lines: dict[str, tuple[int, int]] = {}  # folder -> seq, lines in the log
        self._following = following or Following()
        self._told: dict[str, int] = {}  # topic of a plugin -> seq
        self._missed: dict[str, int] = {}  # folder -> seq, of changes that nobody listened to

    @property
    def seq(self) -> int:
        return self._seq

    def topics(self, subscriptions: Iterable[str]) -> Topics:
        """What ``runs:project``, ``metrics:run,run``, ``log:run`` and ``topic:name`` mean; runs by id or folder.

        :raises ValueError: a subscription of another kind.
        """
        subscriptions = list(subscriptions)
        with self._lock:
            if not self._watcher.records and any(not one.startswith(("runs:", "topic:")) for one in subscriptions):
                self.look()
            by_id = {record.ref.id: folder for folder, record in reversed(list(self._watcher.records.items()))}
        projects: set[str] = set()
        metrics: set[str] = set()
        logs: set[str] = set()
        plugins: set[str] = set()
        names: dict[str, str] = {}
        unknown = []
        for subscription in subscriptions:
            kind, colon, rest = subscription.partition(":")
            if kind == "runs":
                projects.add(rest)
                continue
            if kind == "topic" and colon:
                if rest in self._following:
                    plugins.add(rest)
                else:
                    unknown.append(rest)
                continue
            if kind not in ("metrics", "log") or not colon:
                raise ValueError(f"{subscription!r} is none of runs:project, metrics:run,run, log:run, topic:name")
            for name in [rest] if rest in by_id or rest in self._watcher.records else rest.split(","):
                folder = name if name in self._watcher.records else by_id.get(name)
                if folder is None:
                    unknown.append(name)
                    continue
                names[folder] = name
                (metrics if kind == "metrics" else logs).add(folder)
        lists = frozenset(projects), frozenset(metrics), frozenset(logs), frozenset(plugins)
        return Topics(*lists, names=names, unknown=tuple(unknown))

    def hear(self, topics: Iterable[str]) -> None:
        """Ask plugins for what became of their topics. It may take long, and only who follows one waits for it."""
        for name in topics:
            if self._following.look(name):
                with self._lock:
                    self._seq += 1
                    self._told[name] = self._seq

    def look(self, topics: Iterable[Topics] = (), *, afresh: bool = False) -> None:
        """Look at the files.

        :param afresh: also if that was done half a second ago, and says what the topics are about.
        """
        with self._lock:
            topics = list(topics)
            metrics = {folder for one in topics for folder in one.metrics}
            logs = {folder for one in topics for folder in one.logs}
            told = metrics <= self._values.keys() and logs <= self._lines.keys()
            if told and not afresh and time.monotonic() - self._looked_at < ACTIVE_S * 0.9:
                return
            changes = self._watcher.look(metrics | logs)
            self._looked_at = time.monotonic()
            for folder, record in changes.listed.items():
                self._seq += 1
                old = changes.before.get(folder)
                known = record or old
                assert known is not None
                self._listed[folder] = self._seq, record, known.ref.project
            while len(self._listed) > _REMEMBERED:
                oldest = min(self._listed, key=lambda folder: self._listed[folder][0])
                self._forgotten = self._listed.pop(oldest)[0]
            for folder in (metrics & self._watcher.records.keys()) - self._values.keys() | changes.metrics:
                self._read_values(folder, wanted=folder in metrics)
            for folder in (logs & self._watcher.records.keys()) - self._lines.keys() | changes.logs:
                self._read_lines(folder, wanted=folder in logs)

    def _read_values(self, folder: str, *, wanted: bool) -> None:
        """The values of a run that somebody listens to. The first ones are no news."""
        if not wanted:  # read when somebody comes, who then may have missed this
            self._values.pop(folder, None)
            self._seq += 1
            self._missed[folder] = self._seq
            return
        first = folder not in self._values
        known = self._values.setdefault(folder, {})
        try:
            series = self._store.open_run(self._watcher.records[folder].ref).series()
        except RunicornError:
            return
        changed = [one for one in series if one.key not in known or known[one.key][1] != one.n]
        if changed:
            self._seq += 0 if first else 1
            at = self._missed.get(folder, 0) if first else self._seq
            for one in changed:
                known[one.key] = at, one.n, one.last
        self._steps[folder] = max((one.last_step for one in series), default=None)

    def _read_lines(self, folder: str, *, wanted: bool) -> None:
        if not wanted:
            self._lines.pop(folder, None)
            self._seq += 1
            self._missed[f"log:{folder}"] = self._seq
            return
        try:
            size = self._store.open_run(self._watcher.records[folder].ref).logs(limit=0).size
        except RunicornError:
            return
        known = self._lines.get(folder)
        if known is None:
            self._lines[folder] = self._missed.get(f"log:{folder}", 0), size
        elif known[1] != size:
            self._seq += 1
            self._lines[folder] = self._seq, size

    # --- What a client is told

    def since(self, topics: Topics, seq: int) -> list[dict[str, Any]]:
        """The notices that came after ``seq``, oldest first."""
        with self._lock:
            told = [*self._runs_since(topics, seq)]
            for folder in topics.metrics:
                told += self._values_since(topics, folder, seq)
            for folder in topics.logs:
                at, size = self._lines.get(folder, (0, 0))
                if at > seq and (record := self._watcher.records.get(folder)) is not None:
                    told.append(
                        {"seq": at, "t": "log", "run": topics.names[folder], "path": folder, "lines": size}
                        | self._last_lines(record, size)
                    )
            for name in topics.plugins:
                if (at := self._told.get(name, 0)) > seq:
                    told.append({"seq": at, "t": "topic", "topic": name})
        return sorted(told, key=lambda notice: notice["seq"])

    def _runs_since(self, topics: Topics, seq: int) -> Iterable[dict[str, Any]]:
        if not topics.projects:
            return
        by_project: dict[str, list[tuple[int, str, ExperimentRecord | None]]] = {}
        for folder, (at, record, project) in self._listed.items():
            if at > seq and ("" in topics.projects or project in topics.projects):
                by_project.setdefault(project, []).append((at, folder, record))
        for project, changed in by_project.items():
            whole = self._forgotten <= seq and len(changed) <= ROWS
            yield {
                "seq": max(at for at, _, _ in changed),
                "t": "runs",
                "project": project,
                "changed": [_row(record) for _, _, record in changed if record is not None] if whole else None,
                "gone": [folder for _, folder, record in changed if record is None] if whole else None,
            }

    def _values_since(self, topics: Topics, folder: str, seq: int) -> Iterable[dict[str, Any]]:
        known = self._values.get(folder, {})
        fresh = {key: (at, last) for key, (at, _, last) in known.items() if at > seq}
        record = self._watcher.records.get(folder)
        if fresh and record is not None:
            yield {
                "seq": max(at for at, _ in fresh.values()),
                "t": "metrics",
                "run": topics.names[folder],
                "path": folder,
                "last_step": self._steps.get(folder),
                "metrics": sorted(fresh),
                "last": {key: last for key, (_, last) in list(fresh.items())[:VALUES]},
            }

    def _last_lines(self, record: ExperimentRecord, size: int) -> dict[str, Any]:
        """The last lines, as many as are small."""
        try:
            page = self._store.open_run(record.ref).logs(tail=50)
        except RunicornError:
            return {}
        told: list[dict[str, Any]] = []
        room = LOG_BYTES
        for line in reversed(page.lines):
            room -= len(line.text) + 80
            if room < 0 or line.n >= size:
                break
            told.append({"n": line.n, "time": line.time, "stream": line.stream, "level": line.level, "text": line.text})
        return {"tail": told[::-1]}


def _row(record: ExperimentRecord) -> dict[str, Any]:
    return {
        "run": record.ref.id,
        "path": record.ref.folder,
        "name": record.ref.name,
        "display_name": record.display_name,
        "status": record.status,
        "created_at": record.created_at,
        "ended_at": record.ended_at,
        "duration_s": record.duration_s,
        "tags": list(record.tags),
        "pinned": record.pinned,
        "archived": record.archived,
        "deleted": record.deleted_at is not None,
        "best": None if record.best is None else record.best.value,
        "best_metric": None if record.best is None else record.best.metric,
    }
