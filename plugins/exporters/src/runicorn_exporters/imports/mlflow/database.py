"""The SQLite store. The database is opened for reading only."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from runicorn.errors import ImportProblem

from .places import Places
from .registry_database import DatabaseRegistry
from .run import MlflowContent, MlflowRun, Point

_MAGIC = b"SQLite format 3\x00"
_TABLES = {"experiments", "runs", "metrics", "params", "tags"}
#: Infinities are kept as the largest float of the database.
_LARGEST = 1.7976931348623157e308


def is_database(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        if file.read(16) != _MAGIC:
            return False
    try:
        with Database(path) as store:
            return store.tables >= _TABLES
    except ImportProblem:
        return False


class Database:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._places = Places(path.parent)

    def __enter__(self) -> Database:
        try:
            # Immutable: SQLite makes no file beside it, not even where it lies in a folder that may be written.
            still = "&immutable=1" if not self._path.with_name(self._path.name + "-wal").exists() else ""
            self._db = sqlite3.connect(f"file:{quote(str(self._path))}?mode=ro{still}", uri=True)
            found = self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            self.tables = {name for (name,) in found}
        except sqlite3.Error as error:
            raise ImportProblem(str(self._path), f"cannot be read: {error}") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._db.close()
        if isinstance(error, sqlite3.Error):
            raise ImportProblem(str(self._path), f"cannot be read: {error}") from error

    @cached_property
    def registry(self) -> DatabaseRegistry:
        return DatabaseRegistry(self._db, self.tables, self._places)

    def counted(self) -> dict[str, int]:
        """What has no place here, and belongs to no run."""
        return self.registry.counted()

    def runs(self) -> Iterator[DatabaseRun]:
        rows = self._db.execute(
            "SELECT r.run_uuid, e.name, r.name, r.status, r.start_time, r.end_time, r.user_id, r.lifecycle_stage,"
            " e.lifecycle_stage, r.artifact_uri, r.experiment_id FROM runs r JOIN experiments e USING (experiment_id)"
            " ORDER BY r.start_time, r.run_uuid"
        ).fetchall()
        for run_id, experiment, name, status, start, end, user, stage, outer, artifacts, experiment_id in rows:
            (count,) = self._db.execute("SELECT count(*) FROM metrics WHERE run_uuid = ?", [run_id]).fetchone()
            datasets, used = self.registry.used(run_id)
            run = MlflowRun(
                id=run_id,
                experiment=experiment or str(experiment_id),
                name=name or "",
                status=status or "RUNNING",
                started_ms=int(start or 0),
                ended_ms=None if end is None else int(end),
                user=user or "",
                deleted="deleted" in (stage, outer),
                artifacts=self._places.folder(artifacts or "", f"{experiment_id}/{run_id}/artifacts"),
                size=count,
                models=self.registry.made.get(run_id, ()),
                registered=self.registry.registered.get(run_id, ()),
                datasets=datasets,
                used=used,
                traces=self.registry.traces[run_id],
            )
            yield DatabaseRun(self._db, run)


class DatabaseRun(MlflowContent):
    def __init__(self, db: sqlite3.Connection, run: MlflowRun) -> None:
        self._db, self.run = db, run

    def params(self) -> Mapping[str, str]:
        return self._pairs("SELECT key, value FROM params WHERE run_uuid = ? ORDER BY key")

    def tags(self) -> Mapping[str, str]:
        return self._pairs("SELECT key, value FROM tags WHERE run_uuid = ? ORDER BY key")

    def points(self) -> Iterable[Point]:
        rows = self._db.execute(
            "SELECT timestamp, step, key, value, is_nan FROM metrics WHERE run_uuid = ? ORDER BY timestamp, step, key",
            [self.run.id],
        )
        for ms, step, key, value, is_nan in rows:
            found = math.nan if is_nan else math.copysign(math.inf, value) if abs(value) >= _LARGEST else value
            yield Point(int(ms), int(step), key, float(found))

    def _pairs(self, query: str) -> dict[str, str]:
        return {key: value or "" for key, value in self._db.execute(query, [self.run.id])}
