"""Views that are read from files: what a statement finds in them, and which files it takes to find it."""

from __future__ import annotations

from typing import Any

import pytest
import runicorn as rn
from runicorn.hooks import open_store
from runicorn.model.run import RunMeta
from runicorn_storage_duckdb.sql import session


@pytest.fixture
def runs() -> list[str]:
    """Three runs of the default root; the first has two lines of log, the others one."""
    ids: list[str] = []
    for number in range(3):
        with rn.init("p", f"it's {number}", capture_env=False) as run:
            run.log_text(f"line of {number}")
            if not ids:
                run.log_text("and another")
        ids.append(run.id)
    return ids


STATEMENTS = [
    "select run, text from logs where run = ?",
    "select run, text from logs where run = ? and text like '%another%'",
    "select count(*) as n from logs where ? = run or n = 0",
    "select (select count(*) from logs) as n, (select max(n) from logs where run = ?) as last",
    "select text from logs where run = ? union all select text from logs where level is null or n is null",
    "select text from logs where run = ? union all select text from logs where false",
    "select a.text, b.text as other from logs a, logs b where a.run = ? and b.run <> a.run",
    "select text from logs where run in (?, 'x')",
    "select text from logs where run = ? and run = 'x'",
    "select l.text from logs l join runs r using (folder) where r.run = ?",
    "with l as (select * from logs) select text from l where run = ?",
    "select logs.text from logs where logs.run = ? order by logs.n limit 1",
    "select distinct run from logs where run = ? or text = 'line of 2'",
    "from (summarize logs) where column_name <> ?",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_finds_what_it_would_in_a_table_of_all_lines(
    runs: list[str], statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows() -> list[Any]:
        found = rn.query(statement, runs[0])
        return sorted(map(repr, found.to_pylist()))

    found = rows()
    monkeypatch.setattr(session, "wanted_runs", lambda *_: None)
    assert found == rows()
    assert found or "'x'" in statement


@pytest.mark.parametrize("column", ["run", "folder"])
def test_a_statement_about_one_run_reads_no_other_runs_log(runs: list[str], column: str) -> None:
    store = open_store()
    refs = {record.ref.id: record.ref for record in store.list_runs()}
    for other in runs[1:]:
        log = store.open_run(refs[other]).folder / "logs.txt"
        log.unlink()
        log.mkdir()  # whoever reads it fails
    store.close()
    mine = runs[0] if column == "run" else refs[runs[0]].folder
    told = rn.query(f"select text from logs where {column} = ? and n >= 0", mine)["text"].to_pylist()
    assert told == ["line of 0", "and another"]
    with pytest.raises(OSError, match="Is a directory"):
        rn.query("select count(*) as n from logs")


def test_artifacts_tell_what_runs_made_and_used() -> None:
    store = open_store()
    net = {"name": "net", "type": "model", "version": 1, "at": 20.5, "size": 1000, "files": 2}
    older = {"name": "d", "type": "dataset", "version": 3, "used_at": 30.5, "size_bytes": 7, "num_files": 1}
    for run, document in (
        ("train", {"created": [net], "used": []}),
        ("test", {"created": [], "used": [older, {"name": "net", "type": "model", "version": 1}]}),
    ):
        session = store.create_run(RunMeta(run, "p", "n", 10.0))
        session.write("artifacts", document)  # type: ignore[arg-type]  # JSON
        session.write("status", {"status": "finished", "ended_at": 11.0})
    store.close()
    found = rn.query("select name, type, version, run, role, created_at, bytes, files from artifacts order by all")
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("d", "dataset", 3, "test", "used", 30.5, 7, 1),
        ("net", "model", 1, "test", "used", 10.0, None, None),
        ("net", "model", 1, "train", "created", 20.5, 1000, 2),
    ]
