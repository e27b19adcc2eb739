"""A process beside one that has the index open asks through it, and never waits for one that cannot answer."""

from __future__ import annotations

import math
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from runicorn.contracts import Store
from runicorn.errors import StorageError
from runicorn.filters import choose_runs, parse, parse_columns, parse_order
from runicorn.model.query import RunQuery
from runicorn.model.run import RunRef
from runicorn_storage_duckdb.hybrid_backend import HybridStorageBackend
from runicorn_storage_duckdb.hybrid_store import HybridStore
from runicorn_storage_duckdb.index.place import secret_path
from runicorn_storage_duckdb.sql.errors import SqlError
from runicorn_storage_duckdb.sql.session import run_sql

from .conftest import make_run, write
from .test_duckdb_index_faults import HOLDING, found, index_file

LONG = 40_000


@pytest.fixture
def runs(files: Store) -> list[RunRef]:
    """A long one with what is no number, one with text and params, one that goes on."""
    first, second = make_run(files, "a", *range(LONG)), make_run(files, "b", math.nan, math.inf, 2.0, -math.inf)
    second.write("params", {"lr": 0.1, "model": "cnn"})
    second.write("summary", {"top": 0.5})
    return [first.ref, second.ref, make_run(files, "c", 1.0, status="running").ref]


@pytest.fixture
def owner(runs: list[RunRef], root: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process that has the index open, and where that lies; it is lent by then."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    path = Path(process.stdout.readline().strip())
    until = time.monotonic() + 60
    while not secret_path(path).exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    yield process, path
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
    process.communicate("")


@pytest.fixture
def second(owner: object, root: Path) -> Iterator[HybridStore]:
    store = HybridStorageBackend().open_store(root, {})
    assert store.index() is not None
    yield store
    store.close()


def test_what_is_asked_through_another_process_is_what_the_files_say(
    runs: list[RunRef], files: Store, root: Path, second: HybridStore, owner: tuple[object, Path]
) -> None:
    index = second.index()
    assert index is not None
    assert (index_file(second), sorted(owner[1].parent.glob("*.duckdb"))) == (owner[1], [owner[1]]), (
        "one index is enough"
    )
    assert not secret_path(owner[1]).stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    assert index.holds(runs)
    columns = parse_columns("run,tags,params.lr,params.model,metrics.loss.max,metrics.loss.last,metrics.loss.n_nan")
    asked = RunQuery(
        parse("metrics.loss.n > 1 or params.model = x"), parse_order("-metrics.loss.max"), columns, limit=5
    )
    page = second.query_runs(asked)
    assert (page.total, page.partial, [ref.id for ref in page.refs]) == (2, False, ["a", "b"])
    assert page.columns["metrics.loss.last"] == [LONG - 1.0, -math.inf]
    assert page.columns["metrics.loss.n_nan"] == [0, 1]
    assert [str(info.field.key) for info in second.known_fields()] == ["loss", "lr", "model", "top"]
    for ref in runs:
        assert repr(second.open_run(ref).series()) == repr(files.open_run(ref).series())
    for keys in (["loss"], None):
        ours, theirs = (store.read_buckets(runs, keys, buckets=50) for store in (second, files))
        assert (ours.keys, ours.width, ours.records) == (theirs.keys, theirs.width, theirs.records)
        for name, column in theirs.columns.items():
            np.testing.assert_allclose(ours.columns[name], column, err_msg=name)
    late = files.attach_run(runs[2])
    write(late, (5000.0, 2, {"loss": 7.0}))
    assert second.open_run(runs[2]).series()[0].last == 7.0, "what was logged a moment ago is there"
    assert [record.ref.id for record in choose_runs(second, "metrics.loss.last = 7")] == ["c"]


def test_a_damaged_run_is_told_through_another_process(runs: list[RunRef], root: Path, second: HybridStore) -> None:
    (root / runs[1].folder / "segments.json").write_text("{")
    with pytest.raises(StorageError):
        second.open_run(runs[1]).series()  # the owner looks at the run now
    assert list(second.query_runs(RunQuery(limit=5)).unreadable) == [runs[1].folder]


def test_sql_is_asked_through_another_process(runs: list[RunRef], second: HybridStore, root: Path) -> None:
    rows = run_sql(second, "select run, n, last from series where n > ? and key = ? order by run", (3, "loss"))
    assert rows.table.to_pylist() == [
        {"run": "a", "n": LONG, "last": LONG - 1.0}, {"run": "b", "n": 4, "last": -math.inf},
    ]  # fmt: skip
    limited = run_sql(second, "select value from metrics where run = 'a' order by step", limit=3)
    assert (limited.truncated, limited.partial, limited.table["value"].to_pylist()) == (True, False, [0.0, 1.0, 2.0])
    with pytest.raises(SqlError) as raised:
        run_sql(second, "select *\nfrom rnus")
    assert (raised.value.line, raised.value.column) == (2, 6)
    with pytest.raises(SqlError, match="only SELECT"):
        run_sql(second, "delete from index_file.main.runs")
    with pytest.raises(SqlError, match="longer than"):
        run_sql(second, "select count(*) from range(1000000) a, range(1000000) b where a.range % 7 = 3", timeout_s=0.3)
    assert run_sql(second, "select count(*) as n from runs").table.to_pylist() == [{"n": 3}], "it is asked on"


def test_when_the_other_process_is_killed_the_index_is_ours(
    runs: list[RunRef], second: HybridStore, owner: tuple[subprocess.Popen[str], Path]
) -> None:
    assert found(second, "metrics.loss.max = 1") == ["c"]
    owner[0].kill()
    owner[0].wait()
    assert found(second, "metrics.loss.max = 1") == ["c"], "the files answer"
    assert run_sql(second, "select count(*) as n from metrics").table.to_pylist() == [{"n": LONG + 5}]
    assert index_file(second) == owner[1], "its file was no longer anybody's"
    assert found(second, "metrics.loss.max = 1") == ["c"]


def test_a_process_that_is_stopped_keeps_nobody_waiting(
    runs: list[RunRef],
    owner: tuple[subprocess.Popen[str], Path],
    root: Path,
    open_hybrid: Callable[[], HybridStore],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("runicorn_storage_duckdb.index.borrowing._HELLO_S", 1.0)
    os.kill(owner[0].pid, signal.SIGSTOP)
    store = open_hybrid()
    assert index_file(store) != owner[1]
    assert found(store, "metrics.loss.max = 1") == ["c"]
