"""Whatever becomes of the index or of its files, the answers are those of the files, which stay as they are."""

from __future__ import annotations

import math
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import duckdb
import pytest
from attrs import evolve
from runicorn.config import cache_dir
from runicorn.contracts import Store
from runicorn.filters import parse
from runicorn.model.query import RunQuery
from runicorn_storage_duckdb.hybrid_backend import HybridStorageBackend
from runicorn_storage_duckdb.hybrid_store import HybridStore
from runicorn_storage_duckdb.index.database import Database
from runicorn_storage_duckdb.index.index import Index
from runicorn_storage_duckdb.index.streaming import batches
from runicorn_storage_duckdb.settings import StorageDuckdbSection

from .conftest import make_run, write

Open = Callable[[], HybridStore]


def index_file(store: HybridStore) -> Path:
    progress = store.progress
    assert progress is not None
    return Path(progress.where)


def found(store: HybridStore, text: str) -> list[str]:
    return [ref.id for ref in store.query_runs(RunQuery(parse(text))).refs]


@pytest.mark.parametrize("damage", ["header", "middle", "empty", "no database", "cut", "journal"])
def test_an_index_that_was_damaged_is_made_again(files: Store, open_hybrid: Open, damage: str) -> None:
    ref = make_run(files, "a", *range(20_000)).ref
    store = open_hybrid()
    path = index_file(store)
    store.close()
    content = bytearray(path.read_bytes())
    if damage == "header":
        content[:4096] = bytes(4096)
    elif damage == "middle":
        content[8192 : len(content) - 4096] = b"\xa5" * (len(content) - 12288)
    elif damage in ("empty", "no database"):
        content[:] = b"" if damage == "empty" else b"not a database " * 999
    elif damage == "cut":
        del content[len(content) // 2 :]
    else:
        path.with_name(path.name + ".wal").write_bytes(b"\x07" * 5000)
    path.write_bytes(content)
    again = open_hybrid()
    assert found(again, "metrics.loss.max = 19999") == ["a"]
    assert again.open_run(ref).series() == files.open_run(ref).series()


def test_an_index_is_used_again_by_the_next_process(files: Store, open_hybrid: Open) -> None:
    make_run(files, "a", 1.0)
    store = open_hybrid()
    path = index_file(store)
    store.close()
    before = path.stat().st_ino
    again = open_hybrid()
    assert index_file(again) == path
    assert path.stat().st_ino == before
    assert found(again, "metrics.loss = 1") == ["a"]


def test_a_run_that_logs_nothing_before_a_restart_is_followed_after_it(files: Store, open_hybrid: Open) -> None:
    session = make_run(files, "a", status="running")
    write(session)  # an event file without a line
    open_hybrid().close()
    store = open_hybrid()
    write(session, (1001.0, 1, {"loss": 3.0}))
    assert store.open_run(session.ref).series()[0].last == 3.0
    assert found(store, "metrics.loss = 3") == ["a"]
    assert store.progress is not None
    assert store.progress.rebuilt == ""


HOLDING = """
import sys
from pathlib import Path
from runicorn.hooks import open_store
store = open_store(Path(sys.argv[1]), "hybrid")
store.index().following.wait(60)
print(store.progress.where, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("obstacle", ["a file", "a file for the folder"])
def test_without_a_cache_folder_the_index_is_in_memory(files: Store, open_hybrid: Open, obstacle: str) -> None:
    make_run(files, "a", 1.0, 2.0)
    place = cache_dir() if obstacle == "a file" else cache_dir() / "index"
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("in the way")
    store = open_hybrid()
    assert str(index_file(store)) == "memory"
    assert found(store, "metrics.loss.max = 2") == ["a"]


def test_nothing_below_the_root_is_changed_by_asking(files: Store, root: Path, open_hybrid: Open) -> None:
    ref = make_run(files, "a", *range(100)).ref
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in root.rglob("*") if path.is_file()}
    store = open_hybrid()
    found(store, "metrics.loss.max > 0 and params.x is null")
    store.read_buckets([ref], ["loss"])
    store.known_fields()
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("change", ["cut", "replaced", "removed", "moved", "purged"])
def test_what_happens_to_a_run_folder_is_noticed(files: Store, root: Path, open_hybrid: Open, change: str) -> None:
    session, other = make_run(files, "a", 1.0, 2.0, 9.0), make_run(files, "b", 5.0)
    store = open_hybrid()
    assert found(store, "metrics.loss.max > 4") == ["a", "b"]
    path = next(session.folder.glob("events*.jsonl"))
    lines = path.read_bytes().splitlines(keepends=True)
    if change == "cut":
        path.write_bytes(b"".join(lines[:2]))
    elif change == "replaced":
        path.with_suffix(".new").write_bytes(b"".join(lines[:1]))
        path.with_suffix(".new").replace(path)
    elif change == "removed":
        shutil.rmtree(session.folder)
    elif change == "moved":
        (root / "q" / "n" / "runs").mkdir(parents=True)
        session.folder.rename(root / "q" / "n" / "runs" / "a")
    else:
        store.soft_delete(session.ref)
        store.purge(session.ref)
    if change in ("cut", "replaced"):
        (series,) = store.open_run(session.ref).series()
        assert series.max == {"cut": 2.0, "replaced": 1.0}[change]
    if change == "moved":
        assert [ref.folder for ref in store.query_runs(RunQuery(parse("metrics.loss.max > 4"))).refs] == [
            other.ref.folder,
            "q/n/runs/a",
        ]
    else:
        assert found(store, "metrics.loss.max > 4") == ["b"]


def test_keys_of_any_text_come_back(files: Store, open_hybrid: Open) -> None:
    keys = ["it's", 'say "so"', "a;drop table points;--", "学习率/步", "🙂", " ", "%s?", "NULL", "a\\b", "x" * 5000]
    session = make_run(files, "a")
    write(session, *((1.0 + n, n, {key: float(n)}) for n, key in enumerate(keys)))
    store = open_hybrid()
    assert [one.key for one in store.open_run(session.ref).series()] == sorted(keys)
    for n, key in enumerate(keys):
        table = store.read_buckets([session.ref], [key])
        assert list(table.columns["last"]) == [float(n)]


def test_integers_beyond_floats_are_the_nearest_float_and_their_steps_exact(files: Store, open_hybrid: Open) -> None:
    session = make_run(files, "a")
    values = [2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1]
    steps = [2**53 + 1, 2**62 + 3, 2**63 - 1, 5]
    write(
        session, *((1.0 + n, step, {"big": value}) for n, (step, value) in enumerate(zip(steps, values, strict=True)))
    )
    store = open_hybrid()
    (series,) = store.open_run(session.ref).series()
    assert (series.min, series.min_step) == (float(-(2**63)), 2**63 - 1)
    assert (series.max, series.max_step, series.last_step) == (float(2**64), 5, 5)
    assert [record.data["big"] for record in store.open_run(session.ref).records()] == values
    assert [record.step for record in store.open_run(session.ref).records()] == steps


def test_a_million_keys_in_one_run_are_listed(files: Store, open_hybrid: Open) -> None:
    session = make_run(files, "a")
    each = 50_000
    write(session, *((1.0 + n, n, {f"k{n}/{i}": i for i in range(each)}) for n in range(20)))
    store = open_hybrid()
    page = store.query_runs(RunQuery(parse("metrics.k19/49999.max = 49999 and metrics.k0/0 = 0")))
    assert (page.total, page.partial) == (1, False)
    index = store.index()
    assert index is not None
    with index.database.reading() as cursor:
        assert cursor.execute("select count(*), sum(n) from series").fetchall() == [(20 * each, 20 * each)]


def test_figures_of_runs_that_log_some_of_their_keys_at_a_time_are_those_of_the_files(
    files: Store, open_hybrid: Open
) -> None:
    wide, narrow, other = (make_run(files, name, status="running") for name in ("wide", "narrow", "other"))
    write(wide, (1.0, 1, {f"k{n}": n for n in range(2000)}))
    write(narrow, (1.0, 1, {"a": 1.0, "b": math.nan, "c": 3.0}))
    store = open_hybrid()
    for step in range(2, 5):
        write(narrow, (2.0 * step, step, {"a": 10.0 - step}), (2.0 * step, step, {"a": float(step), "d": math.inf}))
        write(other, (1.0, step, {"a": 1.0, "k1": 2.0}))
        if step == 3:  # more than are written anew as a whole
            write(wide, (3.0, 3, {"k7": -1.0, "k1999": math.nan, "new": 0.5}))
        refs = [wide.ref, narrow.ref, other.ref]
        index = store.index()
        assert isinstance(index, Index)
        with index.fresh(refs):  # all of them in one transaction
            pass
        for ref in refs:
            ours, theirs = store.open_run(ref).series(), files.open_run(ref).series()
            assert [one.mean for one in ours] == pytest.approx([one.mean for one in theirs])
            ours, theirs = ([evolve(one, mean=None) for one in some] for some in (ours, theirs))
            assert repr(ours) == repr(theirs)


def test_who_closes_the_index_stops_those_who_still_read_and_minds_none_that_has_just_ended() -> None:
    database = Database(None, StorageDuckdbSection())
    asking = threading.Event()

    def ask() -> None:
        with suppress(duckdb.Error), database.looking() as cursor:
            _, rows = batches(cursor.sql("select n from range(10_000_000_000_000) as numbers(n) where n % 1_000 = 0"))
            for _ in rows:
                asking.set()

    reader = threading.Thread(target=ask, daemon=True)
    with database.looking() as asked:
        reader.start()
        assert asking.wait(60)
        asked.close()
        database.close()
    reader.join(60)  # until it has let go of its rows, too: inside of DuckDB it would abort a process that ends
    assert not reader.is_alive()


def test_memory_is_given_back_and_nothing_else_can_be_configured(tmp_path: Path) -> None:
    database = Database(tmp_path / "index.duckdb", StorageDuckdbSection())

    def ask(statement: str) -> int:
        with closing(database.cursor()) as cursor:
            number: int = cursor.execute(statement).fetchall()[0][0]
            return number

    held = "select sum(memory_usage_bytes)::bigint from duckdb_memory()"
    with database.writing, database.transaction() as cursor:
        cursor.execute("create table noise as select (random() * 1e18)::bigint as n from range(8_000_000)")
    total = ask("select sum(n) % 1_000_000_007 from noise")
    assert ask(held) > 40 << 20
    database.give_back()
    assert ask(held) <= 32 << 20
    assert ask("select sum(n) % 1_000_000_007 from noise") == total
    assert ask(held) > 40 << 20, "it may hold as much as before"
    with database.reading():
        database.give_back()
        assert ask(held) > 40 << 20, "somebody reads"
    assert ask(held) <= 32 << 20
    for setting in ("threads = 9", "enable_external_access = true", "allowed_configs = ['threads']"):
        with pytest.raises(duckdb.InvalidInputException, match="locked"):
            ask(f"set {setting}")
    database.close()


READING = """
import sys
from pathlib import Path
from runicorn.hooks import open_store
store = open_store(Path(sys.argv[1]), "hybrid")
print("begun", flush=True)
store.index().following.wait(60)
"""


def test_a_killed_update_loses_and_doubles_nothing(files: Store, root: Path, open_hybrid: Open) -> None:
    refs = [make_run(files, f"r{n}", *range(n * 3000)).ref for n in range(1, 8)]
    for round_ in range(6):
        process = subprocess.Popen([sys.executable, "-c", READING, str(root)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.25 + 0.12 * round_)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        write(files.attach_run(refs[round_]), (9000.0 + round_, 1, {"loss": -1.0 - round_}))
    store = open_hybrid()
    for ref in refs:
        (ours,), (truth,) = store.open_run(ref).series(), files.open_run(ref).series()
        assert (ours.n, ours.min, ours.max, ours.last) == (truth.n, truth.min, truth.max, truth.last)
        assert math.isclose(ours.mean or 0, truth.mean or 0, rel_tol=1e-12)


def test_training_loads_no_database_and_makes_no_index(root: Path) -> None:
    code = (
        "import sys, runicorn as rn\n"
        f"with rn.init('p', storage={str(root)!r}) as run:\n    run.log({{'a': 1}})\n"
        "print(sorted({'duckdb', 'pyarrow', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert not (cache_dir() / "index").exists()
    store = HybridStorageBackend().open_store(root, {})
    assert len(store.list_runs()) == 1
    store.close()
