"""SQL whose answer goes wrong on its way: in the middle of its rows, in the middle of its file, beside its owner."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
import runicorn as rn
from click.testing import CliRunner, Result
from pyarrow import parquet
from runicorn.contracts import Store
from runicorn_storage_duckdb.hybrid_store import HybridStore
from runicorn_storage_duckdb.index.place import secret_path
from runicorn_storage_duckdb.sql.command import sql
from runicorn_storage_duckdb.sql.errors import SqlError
from runicorn_storage_duckdb.sql.session import run_sql

from .conftest import make_run
from .test_duckdb_index_faults import HOLDING

#: Its first rows are there at once, its last ones never.
ENDLESS = "select md5(range::varchar) as word from range(1000000000000)"
#: There is no first row for hours.
BUSY = "select count(*) from range(1000000000000) a, range(10000) b"
#: Something is wrong with a row far from the first.
LATE = "select (case when range = 150000 then 'x' else '1' end)::int as n from range(200000)"


def call(root: Path, *arguments: object) -> Result:
    return CliRunner().invoke(sql, ["--root", str(root), *map(str, arguments)])


def hold(root: Path) -> subprocess.Popen[str]:
    """Another process that has the index open and lends it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(root)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    secret = secret_path(Path(process.stdout.readline().strip()))
    while not secret.exists():
        assert process.poll() is None
        time.sleep(0.05)
    return process


@pytest.mark.parametrize("borrowed", [False, True], ids=["own", "borrowed"])
def test_what_goes_wrong_after_the_first_rows_is_one_sentence(
    borrowed: bool, files: Store, root: Path, open_hybrid: Callable[[], HybridStore]
) -> None:
    make_run(files, "a", 1.0, 2.0)
    owner = hold(root) if borrowed else None
    store = open_hybrid()
    index = store.index()
    with pytest.raises(SqlError) as raised:
        run_sql(store, LATE)
    assert str(raised.value) == ("the SQL statement fails at line 1, column 56: Could not convert string 'x' to INT32")
    with pytest.raises(SqlError, match=r"longer than 0\.3 s"):
        run_sql(store, ENDLESS, timeout_s=0.3)
    assert run_sql(store, "select count(*) as n from runs").table.to_pylist() == [{"n": 1}]
    assert store.index() is index, "nothing was wrong with the index"
    if owner is not None:
        assert owner.communicate("", timeout=60)[1] == ""


def test_a_statement_ends_whose_time_is_over_before_it_begins(
    files: Store, open_hybrid: Callable[[], HybridStore]
) -> None:
    make_run(files, "a", 1.0)
    store = open_hybrid()
    for number in range(20):
        with pytest.raises(SqlError, match="it took longer than"):
            run_sql(store, BUSY, timeout_s=number / 5000)


def test_who_has_the_index_ends_well_while_another_one_asks(files: Store, root: Path) -> None:
    make_run(files, "a", 1.0, 2.0)
    owner = hold(root)
    asking = subprocess.Popen(
        [sys.executable, "-m", "runicorn", "sql", "--root", str(root), BUSY],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        process = psutil.Process(owner.pid)
        begun = process.cpu_times().user
        while process.cpu_times().user < begun + 0.3:  # it works for the other one
            assert asking.poll() is None
            time.sleep(0.02)
        assert owner.communicate("", timeout=60) == ("", "")
        assert owner.returncode == 0
    finally:
        asking.kill()
        asking.wait()


def test_columns_of_one_name_are_told_apart(files: Store, root: Path) -> None:
    make_run(files, "a", 1.0)
    told = call(root, "select r.run, s.run, 5 as run_1 from runs r join series s using (folder)", "--format", "json")
    assert json.loads(told.output) == [{"run": "a", "run_2": "a", "run_1": 5}]


def test_a_pipe_gets_every_digit(files: Store, root: Path) -> None:
    make_run(files, "a", 1 / 3, 1.0, key="x")
    make_run(files, "b", 1795779271.3670018, key="x")
    told = call(root, "select value from metrics order by value")
    assert told.output.splitlines() == ["value", repr(1 / 3), "1", "1795779271.3670018"]


def test_the_name_of_the_file_says_its_format(files: Store, root: Path, tmp_path: Path) -> None:
    make_run(files, "a", *map(float, range(1200)))
    path = tmp_path / "all.parquet"
    assert call(root, "select value from metrics", "-o", path).output == ""
    assert parquet.read_table(path).num_rows == 1200, "no table for people, which ends after 1000 rows"
    assert call(root, "select 1 as n", "-o", tmp_path / "n.csv").exit_code == 0
    assert (tmp_path / "n.csv").read_text() == '"n"\n1\n'
    assert json.loads(call(root, "select 1 as n", "-o", "-", "--format", "json").stdout) == [{"n": 1}]


def test_a_file_is_there_whole_or_not_at_all(
    files: Store, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(files, "a", 1.0)
    path = tmp_path / "out.csv"
    path.write_text("older")

    def full(table: object, kind: str, out: object) -> None:
        out.write(b"half of it")  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("runicorn_storage_duckdb.sql.writing.write_file", full)
    assert isinstance(call(root, "select 1", "-o", path).exception, OSError)
    assert (path.read_text(), sorted(tmp_path.glob(".out*"))) == ("older", [])
    missing = call(root, "select 1", "-o", tmp_path / "nowhere" / "out.csv")
    assert "there is no folder" in missing.output + str(missing.exception)


def test_rows_for_notebooks_have_each_name_once(files: Store, root: Path) -> None:
    make_run(files, "a", 1.0)
    assert rn.query("select 1 as a, 2 as a", root=root).to_pylist() == [{"a": 1, "a_1": 2}]


@pytest.mark.parametrize("borrowed", [False, True], ids=["own", "borrowed"])
def test_a_statement_takes_the_values_that_notebooks_have(borrowed: bool, files: Store, root: Path) -> None:
    make_run(files, "a", 1.0, 2.0, 3.0)
    owner = hold(root) if borrowed else None
    statement = "select value from metrics where step = ? and value > ? and list_contains(?, run)"
    table = rn.query(statement, np.int64(2), np.float32(0.5), np.array(["a", "b"]), root=root)
    assert table.to_pylist() == [{"value": 2.0}]
    if owner is not None:
        owner.communicate("", timeout=60)


def most_memory(process: subprocess.Popen[str]) -> int:
    """Bytes that it had at most."""
    told = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(next(line for line in told.splitlines() if line.startswith("VmHWM")).split()[1]) << 10


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is looked up in /proc")
def test_rows_for_another_process_are_never_all_here_at_once(
    files: Store, root: Path, open_hybrid: Callable[[], HybridStore]
) -> None:
    make_run(files, "a", 1.0)
    owner = hold(root)
    store = open_hybrid()
    run_sql(store, "select repeat('x', 100) as text, range as n from range(100000)")
    before = most_memory(owner)
    rows = run_sql(store, "select repeat('x', 100) as text, range as n from range(2000000)")
    assert (rows.table.num_rows, rows.table["n"][-1].as_py(), rows.truncated) == (2_000_000, 1_999_999, False)
    assert rows.table.nbytes > 200 << 20
    assert most_memory(owner) - before < 100 << 20
    some = run_sql(store, "select range as n from range(200000)", limit=70_000)
    assert (some.table["n"].to_pylist(), some.truncated) == (list(range(70_000)), True)
    assert run_sql(store, "select 1 as n where false").table.schema.names == ["n"]
    owner.communicate("", timeout=60)


#: Opens the root, forks, and tells what both find.
FORKED = """
import os, sys
from pathlib import Path
import runicorn as rn
root = Path(sys.argv[1])
with rn.open(root) as runs:
    count = lambda: runs.sql("select count(*) as n from metrics")["n"].to_pylist()
    assert count() == [2]
    child = os.fork()
    if child == 0:
        assert count() == [2]
        sys.exit(0)  # with all that an interpreter does at its end
    assert os.waitpid(child, 0)[1] == 0
    with rn.init("p", "n", storage=root, capture_env=False, capture_system=False) as run:
        run.log(loss=1.0)
    assert count() == [3]
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_process_that_forks_keeps_its_index(files: Store, root: Path) -> None:
    make_run(files, "a", 1.0, 2.0)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED, str(root)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


#: Asks for what takes hours, and is told to stop in the middle of it.
STOPPED = """
import os, signal, sys, threading
import runicorn as rn
with rn.open(sys.argv[1]) as runs:
    runs.sql("select 1")
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        runs.sql(sys.argv[2])
    except KeyboardInterrupt:
        print("stopped")
    print(runs.sql("select count(*) as n from runs")["n"].to_pylist())
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_ctrl_c_stops_a_statement(files: Store, root: Path) -> None:
    make_run(files, "a", 1.0)
    done = subprocess.run([sys.executable, "-c", STOPPED, str(root), BUSY], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("stopped\n[1]\n", "")
