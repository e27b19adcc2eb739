"""What the tests of the storage contract share: a store, runs, lines."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ..contracts import RunSession, StorageBackend, Store
from ..host import hostname, process_space, process_started
from ..model.metric import KeyColumn, RecordTable
from ..model.run import RunMeta
from ..model.writer import WriterRecord
from ..serialize import dumps
from ..types import JSON

_serial = itertools.count(1)


def new_meta(run_id: str = "", project: str = "project", name: str = "name", created_at: float = 1.7e9) -> RunMeta:
    return RunMeta(run_id or f"run-{next(_serial)}", project, name, created_at, hostname=hostname(), pid=1)


def metrics_line(ts: float, step: int, data: Mapping[str, JSON], stage: str | None = None) -> bytes:
    """One record as the SDK writes it."""
    record: dict[str, JSON] = {"ts": ts, "type": "metrics", "step": step, "data": data}
    if stage is not None:
        record["stage"] = stage
    return dumps(record) + b"\n"


def event_line(kind: str, ts: float, step: int | None, data: dict[str, JSON]) -> bytes:
    return dumps({"ts": ts, "type": kind, "step": step, "data": data}) + b"\n"


def log_line(second: int, stream: str, text: str) -> bytes:
    return f"2026-11-23T15:01:{second:02d}.000Z {stream} | {text}\n".encode()


def writer_record(
    heartbeat_at: float,
    *,
    host: str | None = None,
    pid: int = 1,
    ended_at: float | None = None,
) -> WriterRecord:
    """A heartbeat of a process of this machine, or of another one."""
    return WriterRecord(
        host=hostname() if host is None else host,
        boot_id=process_space() if host is None else "another boot",
        pid=pid,
        pid_started=process_started(pid) if host is None else None,
        rank=None,
        started_at=heartbeat_at,
        heartbeat_at=heartbeat_at,
        ended_at=ended_at,
    )


def log(session: RunSession, *records: tuple[float, int, Mapping[str, JSON]]) -> None:
    """Records in one file of their own."""
    writer = session.open_writer("events")
    for ts, step, data in records:
        writer.append(metrics_line(ts, step, data))
    writer.close()


def column(table: RecordTable, key: str) -> list[float | None]:
    """The values of a key, one for each row."""
    found = table.columns.get(key)
    values: list[float | None] = [None] * len(table.step)
    if found is not None:
        for row, value in zip(rows_of(found), found.values, strict=True):
            values[row] = float(value)
    return values


def rows_of(column: KeyColumn) -> list[int]:
    return list(range(len(column.values))) if column.rows is None else [int(row) for row in column.rows]


def same(left: float, right: float) -> bool:
    return left == right or (math.isnan(left) and math.isnan(right))


class StorageFixtures:
    """Fixtures of every part of the contract; ``backend`` is the one to write."""

    @pytest.fixture
    def backend(self) -> StorageBackend:
        raise NotImplementedError("give the contract a fixture named 'backend' that returns yours")

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        return tmp_path / "runs of ours"

    @pytest.fixture
    def store(self, backend: StorageBackend, root: Path) -> Iterator[Store]:
        store = backend.open_store(root, {})
        yield store
        store.close()

    @pytest.fixture
    def other(self, backend: StorageBackend, root: Path) -> Iterator[Store]:
        """The same root once more, as another process would open it."""
        store = backend.open_store(root, {})
        yield store
        store.close()
