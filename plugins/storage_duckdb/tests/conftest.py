"""Roots with a few runs, and stores whose index is open from the first moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from runicorn.contracts import RunSession, Store
from runicorn.hooks import storage_backends
from runicorn.model.run import RunMeta
from runicorn.serialize import dumps
from runicorn.types import JSON
from runicorn_storage_duckdb.hybrid_backend import HybridStorageBackend
from runicorn_storage_duckdb.hybrid_store import HybridStore

#: How long is waited for the index before the files answer: a loaded machine must not decide which of them a test asks.
_PATIENCE = ("following._FIRST_S", "index._TURN_S", "index._HELD_S", "borrowing._HELLO_S")


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _PATIENCE:
        monkeypatch.setattr(f"runicorn_storage_duckdb.index.{name}", 60.0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


@pytest.fixture
def files(root: Path) -> Store:
    """The plain files, which tell what is true."""
    return storage_backends()["jsonl"].open_store(root, {})


@pytest.fixture
def open_hybrid(root: Path) -> Iterator[Callable[[], HybridStore]]:
    """Opens the root as another process would, with an index that has read everything."""
    opened: list[HybridStore] = []

    def open_one() -> HybridStore:
        store = HybridStorageBackend().open_store(root, {})
        opened.append(store)
        index = store.index()
        assert index is not None
        assert index.following.wait(600)
        return store

    yield open_one
    for store in opened:
        store.close()


def write(session: RunSession, *records: tuple[float, int, Mapping[str, JSON]]) -> None:
    """Records in one file of their own, in one write."""
    lines = [dumps({"ts": ts, "type": "metrics", "step": step, "data": data}) + b"\n" for ts, step, data in records]
    writer = session.open_writer("events")
    writer.append(b"".join(lines))
    writer.close()


def make_run(store: Store, run_id: str, *values: float, key: str = "loss", status: str = "finished") -> RunSession:
    """A run that has logged one value a step."""
    session = store.create_run(RunMeta(run_id, "p", "n", 1000.0))
    session.write("status", {"status": status, "started_at": 1000.0, "ended_at": 2000.0})
    if values:
        write(session, *((1000.0 + step, step, {key: value}) for step, value in enumerate(values, 1)))
    return session
