"""The backend ``duckdb``: what ``hybrid`` promises, and ended runs are sealed."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import runicorn as rn
from hypothesis import HealthCheck, settings
from hypothesis.stateful import precondition, rule, run_state_machine_as_test
from runicorn.contracts import StorageBackend
from runicorn.hooks import open_store, storage_backends
from runicorn.model.run import RunMeta
from runicorn.testing import StorageBackendContract
from runicorn.testing.storage_machine import StorageMachine
from runicorn_storage_duckdb.sealing_backend import DuckDBStorageBackend
from runicorn_storage_duckdb.segments.manifest import NAME
from runicorn_storage_duckdb.segments.seal import compact_run, seal_run, unseal_run

BACKENDS = ("jsonl", "hybrid", "duckdb")


class TestDuckDBBackend(StorageBackendContract):
    @pytest.fixture
    def backend(self) -> StorageBackend:
        return DuckDBStorageBackend()


class SealingMachine(StorageMachine):
    """The machine of the contract, where the run is sealed, merged and brought back between its processes."""

    @precondition(lambda self: not self.processes)
    @rule()
    def seal(self) -> None:
        seal_run(self.store.open_run(self.ref).folder, lambda: None)
        self._follow()

    @precondition(lambda self: not self.processes)
    @rule()
    def compact(self) -> None:
        compact_run(self.store.open_run(self.ref).folder)
        self._follow()

    @rule()
    def unseal(self) -> None:
        unseal_run(self.store.open_run(self.ref).folder)
        self._follow()

    def _follow(self) -> None:
        """Tails look on: one that misses a run being sealed *and* brought back meets new files, and begins again."""
        for which in (0, 1):
            self.follow(which)


@pytest.mark.parametrize("name", ["jsonl", "duckdb"])
def test_whatever_is_sealed_and_brought_back_in_between_every_record_comes_back(name: str, tmp_path: Path) -> None:
    made = iter(range(1_000_000))
    backend = storage_backends()[name]
    run_state_machine_as_test(
        lambda: SealingMachine(backend, tmp_path / str(next(made))),  # type: ignore[arg-type]  # any maker will do
        settings=settings(
            max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.fixture
def sealing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNICORN_BACKEND", "duckdb")


def _sealed(folder: Path, seconds: float = 60.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (folder / NAME).exists() and not (folder / "events.jsonl").exists():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.usefixtures("sealing")
def test_a_run_is_sealed_after_it_finished_and_reads_as_it_was() -> None:
    with rn.init(project="p") as run:
        for step in range(400):
            run.log(loss=1 / (step + 1), acc=step / 7, lr=0.1)
    assert open_store().backend == "duckdb"
    assert _sealed(Path(run.dir))
    (record,) = open_store().find_runs(run.id)
    assert record.status == "finished"
    (table,) = open_store().read_metrics([record.ref])
    assert list(table.step) == list(range(1, 401))
    assert table.columns["acc"].values[-1] == 399 / 7


@pytest.mark.usefixtures("sealing")
def test_a_run_is_sealed_though_its_process_ends_at_once() -> None:
    code = """
import runicorn as rn
run = rn.init(project="p")
for step in range(400):
    run.log(loss=1 / (step + 1), acc=step / 7, lr=0.1)
run.finish()
print(run.dir)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert _sealed(Path(done.stdout.strip()))


@pytest.mark.usefixtures("sealing")
def test_a_killed_run_stays_plain_files_until_somebody_seals(tmp_path: Path) -> None:
    code = """
import os, signal, runicorn as rn
run = rn.init(project="p")
for step in range(400):
    run.log(loss=1 / (step + 1), acc=step / 7, lr=0.1)
print(run.dir, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    folder = Path(done.stdout.strip())
    assert not _sealed(folder, 0.3)
    (record,) = open_store().list_runs()
    assert record.status == "crashed"
    (series, *_) = open_store().open_run(record.ref).series()
    assert series.n == 400


def test_all_backends_read_each_others_runs_sealed_or_not(tmp_path: Path) -> None:
    for name in BACKENDS:
        session = storage_backends()[name].open_store(tmp_path, {}).create_run(RunMeta(name, "p", "n", 1.0))
        writer = session.open_writer("events")
        for step in range(50):
            writer.append(b'{"ts":%d.5,"type":"metrics","step":%d,"data":{"loss":%d.25}}\n' % (step, step, step))
        writer.close()
        session.open_writer("logs").append(b"2026-11-23T15:01:02.123Z stdout | from " + name.encode() + b"\n")
        session.write("status", {"status": "finished", "ended_at": 2.0})

    def told() -> list[str]:
        found = []
        for name in BACKENDS:
            store = storage_backends()[name].open_store(tmp_path, {})
            refs = [record.ref for record in store.list_runs()]
            readers = [store.open_run(ref) for ref in refs]
            curves = {key: list(column) for key, column in store.read_buckets(refs, buckets=8).columns.items()}
            found.append(repr((store.read_metrics(refs), curves, [(r.series(), r.logs(), r.texts()) for r in readers])))
            store.close()
        return found

    before = told()
    assert before[0] == before[1] == before[2]
    for name in BACKENDS[1:]:
        seal_run(tmp_path / "p" / "n" / "runs" / name, lambda: None)
    changed = _fingerprint(tmp_path)
    assert told() == before
    assert _fingerprint(tmp_path) == changed


def _fingerprint(root: Path) -> dict[str, tuple[int, str]]:
    return {
        str(path): (os.stat(path).st_mtime_ns, hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest())
        for path in root.rglob("*")
    }
