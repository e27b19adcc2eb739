"""SQL over the runs, and the Python reading API: what comes back, what cannot be reached, what mistakes say."""

from __future__ import annotations

import csv
import io
import json
import math
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
import runicorn as rn
from pyarrow import parquet
from runicorn.contracts.http import Call, NoQuery, Reply
from runicorn.errors import FilterError, Problem
from runicorn.hooks import open_store
from runicorn_storage_duckdb.sql.endpoint import SqlBody, endpoints
from runicorn_storage_duckdb.sql.errors import SqlError


@pytest.fixture
def runs() -> list[str]:
    """Two runs of the default root."""
    ids = []
    for lr, offset in ((0.1, 0.0), (0.01, 1.0)):
        with rn.init("p", "n", params={"lr": lr, "net": {"width": 8}}, tags=["a", "b"], capture_env=False) as run:
            for step in range(1, 4):
                run.log({"loss": offset + 1 / step, "val/acc": step / 3}, step=step)
            run.log({"loss": float("nan")}, step=4)
            run.log_text("hello\n世界")
            run.summary({"verdict": "good", "top": 0.5})
        ids.append(run.id)
    return ids


# --- The views


def test_every_view_answers(runs: list[str]) -> None:
    def rows(statement: str, *values: object) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = rn.query(statement, *values).to_pylist()
        return found

    first, second = runs
    assert rows("select run, project, name, status, tags from runs order by created_at") == [
        {"run": run, "project": "p", "name": "n", "status": "finished", "tags": ["a", "b"]} for run in runs
    ]
    assert rows("select value, number from params where run = ? and key = 'net/width'", first) == [
        {"value": "8", "number": 8.0}
    ]
    assert rows("select key, value from summaries where run = ? order by key", first) == [
        {"key": "top", "value": "0.5"}, {"key": "verdict", "value": "good"},
    ]  # fmt: skip
    assert rows("select n, n_nan, min, last_step from series where run = ? and key = 'loss'", second) == [
        {"n": 4, "n_nan": 1, "min": pytest.approx(1 + 1 / 3), "last_step": 4}
    ]
    values = rows("select step, value from metrics where run = ? and key = 'loss' order by record", first)
    assert [row["step"] for row in values] == [1, 2, 3, 4]
    assert math.isnan(values[3]["value"])
    assert [row["text"] for row in rows("select text from logs where run = ? order by n", second)] == ["hello", "世界"]
    for view in ("media", "alerts", "system", "artifacts"):
        assert isinstance(rows(f"select * from {view}"), list)
    joined = (
        "select p.number as lr, s.min from params p join series s using (run) where p.key = 'lr' and s.key = 'loss'"
    )
    assert [row["lr"] for row in rows(f"{joined} order by s.min")] == [0.1, 0.01]
    assert {row["name"] for row in rows("show tables")} >= {"runs", "metrics", "params"}


def test_what_was_logged_a_moment_ago_is_there(runs: list[str]) -> None:
    with rn.open() as root, rn.init("p", capture_env=False) as run:
        for step in range(1, 4):
            run.log({"live": step}, step=step)
            assert root.sql("select count(*) as n from metrics where key = 'live'").to_pylist() == [{"n": step}]


def test_a_statement_may_be_explained(runs: list[str]) -> None:
    for explain in ("explain", "EXPLAIN ANALYZE", "/* why */ explain (format json)"):
        plan = rn.query(f"{explain} select count(*) from metrics where key = ?", "loss")
        assert "points" in plan["explain_value"][0].as_py(), explain
    drawn = call("explain from metrics").stdout
    assert "points" in drawn
    assert drawn.count("\n") > 5  # as DuckDB draws it, in a pipe too


# --- What cannot be reached


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("select * from read_text('/etc/hostname')", "disabled"),
        ("select * from '/etc/hostname'", "hostname"),
        ("select * from read_csv('/etc/passwd')", "disabled"),
        ("select * from glob('/etc/*')", "disabled"),
        ("copy (select 1) to '/tmp/never.csv'", "only SELECT"),
        ("attach '/tmp/never.db'", "only SELECT"),
        ("install httpfs", "only SELECT"),
        ("load httpfs", "only SELECT"),
        ("pragma database_list", "only SELECT"),
        ("set enable_external_access = true", "only SELECT"),
        ("set memory_limit = '1TB'", "only SELECT"),
        ("delete from index_file.main.runs", "only SELECT"),
        ("explain analyze delete from index_file.main.runs", "only SELECT"),
        ("-- \n explain (analyze, format json) /* x */ insert into logs select * from logs", "not INSERT"),
        ("explain copy (select 1) to '/tmp/never.csv'", "not COPY"),
        ("create table t as select 1", "only SELECT"),
        ("select 1; select 2", "exactly one"),
        ("", "exactly one"),
        ("select * from these", "these"),
    ],
)
def test_a_statement_reaches_nothing_but_the_runs(runs: list[str], statement: str, words: str, tmp_path: Path) -> None:
    these = pa.table({"a": [1]})
    with pytest.raises(SqlError, match=words):
        rn.query(statement)
    assert these.num_rows == 1, "a variable of the caller is no table"
    assert not Path("/tmp/never.csv").exists()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("select * form runs", 'the SQL statement fails at line 1, column 15: syntax error at or near "runs"'),
        ("select *\nfrom runs\nwhere stat = 1", "the SQL statement fails at line 3, column 7: Referenced column"),
        (
            "select * from rnus",
            'the SQL statement fails at line 1, column 15: Table with name rnus does not exist! Did you mean "runs"?',
        ),
        (
            "select * from nothing",
            "the SQL statement fails at line 1, column 15: Table with name nothing does not exist! There are: alerts",
        ),
        ("select cast('x' as integer)", "the SQL statement fails"),
        ("select ?", "the SQL statement fails"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place(runs: list[str], statement: str, sentence: str) -> None:
    with pytest.raises(SqlError) as raised:
        rn.query(statement)
    assert str(raised.value).startswith(sentence)
    assert "\n" not in str(raised.value)


def test_a_statement_that_takes_too_long_is_stopped(runs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNICORN_STORAGE_DUCKDB__SQL_TIMEOUT", "0.3")
    with pytest.raises(SqlError, match=r"longer than 0\.3 s"):
        rn.query("select count(*) from range(1000000) a, range(1000000) b where a.range * b.range % 7 = 3")


# --- Python


def test_runs_and_what_they_logged_come_as_tables(runs: list[str]) -> None:
    first, second = runs
    with rn.open() as root:
        found = root.runs("params.lr < 0.05 and tags has a", columns="run,params.lr,metrics.val/acc.max")
        assert found.to_pylist() == [{"run": second, "params.lr": 0.01, "metrics.val/acc.max": 1.0}]
        assert root.runs(order_by="params.lr", limit=1)["run"].to_pylist() == [second]
        assert root.runs(columns=["status", "tags"]).schema.names == ["status", "tags"]
        assert root.metrics(first, "val/acc")["value"].to_pylist() == pytest.approx([1 / 3, 2 / 3, 1.0])
        assert root.metrics(filter="params.lr = 0.1", keys=["loss"])["step"].to_pylist() == [1, 2, 3, 4]
        assert set(root.series()["run"].to_pylist()) == {first, second}
        assert root.params(second)["key"].to_pylist() == ["lr", "net/width"]
        assert root.summaries(first)["value"].to_pylist() == ["0.5", "good"]
        assert root.logs(first)["text"].to_pylist() == ["hello", "世界"]
        with pytest.raises(FilterError, match=r"did you mean params\.lr\?"):
            root.runs("lr < 1")
        with pytest.warns(UserWarning, match=r"no run has metrics\.los\.max; did you mean metrics\.loss\.max\?"):
            assert root.runs("metrics.los.max > 1").num_rows == 0


# --- The command


def call(*arguments: str, text: bool = True) -> subprocess.CompletedProcess[Any]:
    command = [sys.executable, "-m", "runicorn", "sql", *arguments]
    return subprocess.run(command, capture_output=True, text=text, timeout=60, check=False)


def test_the_command_writes_every_format_while_others_have_the_index_open(runs: list[str], tmp_path: Path) -> None:
    statement = "select run, tags, 1.5 as x from runs order by created_at"
    with rn.open() as root:  # this process holds the index
        assert root.sql("select 1 as one").num_rows == 1
        told = call(statement, "--format", "json")
        assert json.loads(told.stdout) == [{"run": run, "tags": ["a", "b"], "x": 1.5} for run in runs], told.stderr
        assert call(statement).stdout.splitlines() == ["run\ttags\tx", *(f"{run}\ta, b\t1.5" for run in runs)]
        rows = list(csv.DictReader(io.StringIO(call(statement, "--format", "csv").stdout)))
        assert rows[0] == {"run": runs[0], "tags": '["a","b"]', "x": "1.5"}
        path = tmp_path / "out.parquet"
        assert call(statement, "--format", "parquet", "-o", str(path)).returncode == 0
        assert parquet.read_table(path)["run"].to_pylist() == runs
    arrow = call(statement, "--format", "arrow", "--limit", "1", text=False)
    assert pa.ipc.open_stream(arrow.stdout).read_all()["run"].to_pylist() == runs[:1]
    assert b"there are more" in arrow.stderr


def test_a_table_goes_into_the_file_that_was_asked_for(runs: list[str], tmp_path: Path) -> None:
    path = tmp_path / "out.tsv"
    done = call("select run, '世界' as word from runs order by created_at", "-o", str(path))
    assert (done.returncode, done.stdout) == (0, "")
    assert path.read_bytes().decode() == "run\tword\n" + "".join(f"{run}\t世界\n" for run in runs)
    assert call("explain select run from runs", "--format", "table", "-o", str(path)).stdout == ""
    assert "run" in path.read_bytes().decode()


def test_the_command_says_what_is_wrong_in_one_sentence(runs: list[str]) -> None:
    wrong = call("select * form runs")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == 'error: the SQL statement fails at line 1, column 15: syntax error at or near "runs"\n'


# --- HTTP


def post(settings: Mapping[str, object] | None = None, accept: str = "*/*", **body: Any) -> Reply:
    viewer: Any = SimpleNamespace(store=open_store(), settings=settings or {})
    (endpoint,) = endpoints(viewer)
    answer = endpoint.handler(Call(NoQuery(), SqlBody(**body), {"accept": accept}))
    viewer.store.close()
    assert isinstance(answer, Reply)
    return answer


def test_sql_is_answered_over_http_as_json_and_arrow(runs: list[str]) -> None:
    body: dict[str, Any] = {
        "sql": "select run, 'NaN'::double as nan from runs where status = ? order by created_at",
        "limit": 1,
    }
    answer = post(parameters=("finished",), **body)
    assert isinstance(answer.body, bytes)
    told = json.loads(answer.body)
    assert (told["columns"], told["rows"], told["truncated"]) == (
        [{"name": "run", "type": "string"}, {"name": "nan", "type": "double"}], [[runs[0], "NaN"]], True,
    )  # fmt: skip
    arrow = post(accept="application/vnd.apache.arrow.stream", parameters=("finished",), **body)
    assert isinstance(arrow.body, bytes)
    assert pa.ipc.open_stream(arrow.body).read_all()["run"].to_pylist() == runs[:1]
    with pytest.raises(Problem) as raised:
        post(sql="select * form runs")
    assert (raised.value.status, raised.value.code) == (400, "sql-invalid")
    assert (raised.value.parameters["line"], raised.value.parameters["column"]) == (1, 15)


def test_sql_is_off_beyond_this_machine_unless_it_is_switched_on(
    runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Problem) as raised:
        post({"host": "0.0.0.0"}, sql="select 1")
    assert (raised.value.status, raised.value.code) == (403, "sql-off")
    assert post({"host": "::1"}, sql="select 1").status == 200
    monkeypatch.setenv("RUNICORN_STORAGE_DUCKDB__SQL_BEYOND_LOOPBACK", "true")
    assert post({"host": "0.0.0.0"}, sql="select 1").status == 200
