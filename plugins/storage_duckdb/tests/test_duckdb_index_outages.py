"""Where the index cannot be written, or a run cannot be read: answers are whole, or say what is missing in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
import runicorn as rn
from runicorn.config import cache_dir
from runicorn.contracts import Store
from runicorn.errors import StorageError
from runicorn.filters import choose_runs, parse, parse_columns, parse_order, query_runs
from runicorn.model.query import RunQuery
from runicorn.model.run import RunRef
from runicorn.serialize import dumps
from runicorn_storage_duckdb.hybrid_backend import HybridStorageBackend
from runicorn_storage_duckdb.hybrid_store import HybridStore
from runicorn_storage_duckdb.index.index import Index
from runicorn_storage_duckdb.segments.seal import seal_run
from runicorn_storage_duckdb.sql.errors import SqlError
from runicorn_storage_duckdb.sql.session import run_sql

from .conftest import make_run
from .test_duckdb_index_faults import HOLDING, index_file
from .test_duckdb_sql import post

Open = Callable[[], HybridStore]

FULL = """
import json, resource, sys
from pathlib import Path
from runicorn.hooks import open_store
from runicorn.model.query import RunQuery
from runicorn_storage_duckdb.sql.session import run_sql
store = open_store(Path(sys.argv[1]), "hybrid")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
counted = run_sql(store, "select count(*) as n, count(distinct folder) as runs from metrics").table.to_pylist()
page = store.query_runs(RunQuery())
print(json.dumps([counted, page.total, page.partial, str(store.progress.where)]))
store.close()
"""


@pytest.mark.parametrize("room", [0, 600_000])
def test_a_disk_that_is_full_while_the_index_is_written_leaves_answers_whole(
    files: Store, root: Path, room: int
) -> None:
    for name in ("a", "b", "c"):
        make_run(files, name, *range(20_000))
    environment = {**os.environ, "RUNICORN_PLUGINS_STRICT": "0"}  # else the first failure would be raised
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(root), str(room)], capture_output=True, text=True, check=False, env=environment
    )
    assert json.loads(done.stdout) == [[{"n": 60_000, "runs": 3}], 3, False, "memory"], done.stderr
    assert "Traceback" not in done.stderr


def damaged(files: Store, root: Path) -> RunRef:
    """A sealed run with a footer that is no footer, beside one that is as it should be."""
    ref = make_run(files, "damaged", *range(5000)).ref
    make_run(files, "whole", 1.0, 2.0)
    seal_run(root / ref.folder, lambda: None)
    (segment,) = (root / ref.folder).glob("metrics/*.points.parquet")
    content = bytearray(segment.read_bytes())
    content[-20:-8] = b"no footer..."
    segment.write_bytes(content)
    return ref


def test_a_run_that_cannot_be_read_is_not_shown_as_an_empty_one(files: Store, root: Path, open_hybrid: Open) -> None:
    ref = damaged(files, root)
    store = open_hybrid()
    for ask in (store.open_run(ref).series, lambda: store.read_buckets([ref], ["loss"])):
        with pytest.raises(StorageError, match="the Parquet file is damaged"):
            ask()
    page = store.query_runs(RunQuery(columns=parse_columns("metrics.loss.last"), order_by=parse_order("run")))
    assert (page.total, page.columns["metrics.loss.last"]) == (2, [None, 2.0])
    assert list(page.unreadable) == [ref.folder]
    assert "the Parquet file is damaged; put it back from a copy" in page.unreadable[ref.folder]
    asked = query_runs(files, RunQuery(columns=parse_columns("metrics.loss.last")))
    assert asked.unreadable == page.unreadable, "the files say the same"
    assert query_runs(files, RunQuery(parse("run = whole"))).unreadable == {}


def test_sql_says_which_runs_are_missing(
    files: Store, root: Path, open_hybrid: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = damaged(files, root)
    found = run_sql(open_hybrid(), "select distinct run from metrics")
    assert found.table["run"].to_pylist() == ["whole"]
    assert list(found.unreadable) == [ref.folder]
    with pytest.warns(
        UserWarning, match=r"what p/n/runs/damaged logged is missing here: .* the Parquet file is damaged"
    ):
        rn.query("select 1 as one", root=root)
    monkeypatch.setenv("RUNICORN_DIR", str(root))
    told = subprocess.run(
        [sys.executable, "-m", "runicorn", "sql", "select 1 as one"], capture_output=True, text=True, check=True
    )
    assert told.stdout == "one\n1\n"
    assert told.stderr.startswith("warning: what p/n/runs/damaged logged is missing here: ")
    answer = post(sql="select 1 as one")
    assert isinstance(answer.body, bytes)
    assert list(json.loads(answer.body)["unreadable"]) == [ref.folder]


def test_a_run_that_was_mended_is_there_again(files: Store, root: Path, open_hybrid: Open) -> None:
    ref = damaged(files, root)
    (segment,) = (root / ref.folder).glob("metrics/*.points.parquet")
    broken = segment.read_bytes()
    store = open_hybrid()
    with pytest.raises(StorageError):
        store.open_run(ref).series()
    again = make_run(files, "again", *range(5000)).ref
    seal_run(root / again.folder, lambda: None)
    (sound,) = (root / again.folder).glob("metrics/*.points.parquet")
    segment.write_bytes(sound.read_bytes())
    assert segment.read_bytes() != broken
    assert [series.n for series in store.open_run(ref).series()] == [5000]
    index = store.index()
    assert isinstance(index, Index)
    assert index.writer.unreadable == {}


def test_an_index_that_a_viewer_has_open_is_made_anew_when_it_is_opened_next(
    files: Store, root: Path, open_hybrid: Open
) -> None:
    make_run(files, "a", 1.0, 2.0)
    viewer = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert viewer.stdout is not None
        theirs = Path(viewer.stdout.readline().strip())
        before = theirs.stat().st_ino
        done = subprocess.run(
            [sys.executable, "-m", "runicorn", "storage", "rebuild", "--root", str(root)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "1 index is open in another process, which begins anew" in done.stdout
        assert theirs.stat().st_ino == before, "DuckDB would take the journal of the next file for its own"
    finally:
        viewer.communicate("")
    store = open_hybrid()
    assert index_file(store) == theirs
    assert not theirs.with_name(theirs.name + ".anew").exists()
    assert store.progress is not None
    assert store.progress.complete
    store.close()
    made = theirs.stat().st_ino
    assert index_file(open_hybrid()).stat().st_ino == made, "once is enough"


def test_an_index_that_nobody_opened_for_months_is_removed(files: Store, open_hybrid: Open) -> None:
    make_run(files, "a", 1.0)
    store = open_hybrid()
    path = index_file(store)
    store.close()
    of_a_root_that_is_gone, recent = path.with_name("0123-abc-0.duckdb"), path.with_name("4567-abc-0.duckdb")
    for other, days in ((of_a_root_that_is_gone, 100), (recent, 10)):
        other.write_bytes(b"x")
        os.utime(other, (time.time() - days * 86_400,) * 2)
    os.utime(path, (time.time() - 80 * 86_400,) * 2)
    open_hybrid().close()
    assert not of_a_root_that_is_gone.exists()
    assert recent.exists()
    assert time.time() - path.stat().st_mtime < 3600, "an index that is opened has been opened lately"


def test_a_statement_that_needs_too_much_memory_is_told_in_one_sentence(
    files: Store, root: Path, open_hybrid: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNICORN_STORAGE_DUCKDB__MEMORY", "64MB")
    make_run(files, "a", 1.0)
    with pytest.raises(SqlError) as raised:
        run_sql(open_hybrid(), "select list(i) from range(100000000) t(i)")
    assert str(raised.value) == "the SQL statement fails: it needs more memory than 64MB (storage-duckdb.memory)"


def test_a_filter_that_chooses_runs_waits_for_all_of_them(files: Store, root: Path, open_hybrid: Open) -> None:
    for number in range(505):  # more than a question has a quick look at
        make_run(files, f"old-{number:03}")
    open_hybrid().close()
    make_run(files, "new", 42.0)
    store = HybridStorageBackend().open_store(root, {})
    assert [record.ref.id for record in choose_runs(store, "metrics.loss.max = 42")] == ["new"]
    store.close()


@pytest.mark.parametrize("sealed", [False, True])
def test_a_few_runs_with_many_points_are_listed_from_an_index(files: Store, root: Path, sealed: bool) -> None:
    session = make_run(files, "long")
    line = b'{"ts":%d.25,"type":"metrics","step":%d,"data":{"loss":0.123456789012345,"acc":0.987654321098765}}\n'
    lines = b"".join(line % (1000 + step, step) for step in range(180_000))
    (session.folder / "events.jsonl").write_bytes(lines)
    if sealed:
        with (session.folder / "events.jsonl").open("wb") as file:
            for step, (a, b, c, d, e) in enumerate(numpy.random.default_rng(0).random((70_000, 5)).tolist()):
                data = {"a": a, "b": b, "c": c, "d": d, "e": e}
                file.write(dumps({"ts": step + 0.5, "type": "metrics", "step": step, "data": data}) + b"\n")
        seal_run(session.folder, lambda: None)
    store = HybridStorageBackend().open_store(root, {})
    store.query_runs(RunQuery(columns=parse_columns("metrics.loss.max")))
    store.close()
    assert list((cache_dir() / "index").glob("*.duckdb"))
