"""What other programs read in the files: pyarrow, openpyxl, a browser's HTML parser, a Markdown reader."""

from __future__ import annotations

import io
import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.hooks import Selection, export_runs, find_runs, open_store

NASTY = '<script>alert("x")</script> | [a](javascript:1) **b** `c`\nnext'


@pytest.fixture
def runs() -> list[rn.Run]:
    params = {"lr": 0.1, "net": {"width": 64}, "odd": NASTY}
    with rn.init(project="p", name="一", params=params, capture_env=False) as one:
        for step in range(1, 1001):
            one.log({"loss": 1 / step, "训练/acc": step / 1000}, stage="train")
        one.log({"loss": math.nan, "run": 7.0})
        one.note = NASTY
        one.alert(NASTY)
    with rn.init(project="p", params={"lr": 0.2, "net": {"width": 64}}, tags=["b"], capture_env=False) as two:
        two.log({"loss": 0.5})
        two.log({"loss": math.inf}, step=1)
        two.summary({"verdict": NASTY, "huge": 2**62})
    return [one, two]


def exported(name: str, runs: list[rn.Run], **options: Any) -> bytes:
    store = open_store()
    out = io.BytesIO()
    export_runs(name, Selection(store, [r.ref for r in find_runs(store, [run.id for run in runs])]), out, options)
    return out.getvalue()


def test_parquet_holds_every_value_exactly(runs: list[rn.Run]) -> None:
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(exported("parquet", runs))).to_pylist()
    assert len(table) == 2004
    losses = [(row["step"], row["value"]) for row in table if row["run"] == runs[0].id and row["key"] == "loss"]
    assert losses[:1000] == [(step, 1 / step) for step in range(1, 1001)]
    assert math.isnan(losses[1000][1])
    assert {row["stage"] for row in table if row["run"] == runs[0].id} == {"train", None}
    other = [(row["step"], row["value"]) for row in table if row["run"] == runs[1].id]
    assert other == [(1, 0.5), (1, math.inf)]


def test_wide_parquet_has_a_row_for_each_call_and_gaps_where_nothing_was_logged(runs: list[rn.Run]) -> None:
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(exported("parquet", runs, layout="wide")))
    assert table.schema.names == ["run", "step", "ts", "stage", "loss", "run.value", "训练/acc"]
    rows = table.to_pylist()
    assert len(rows) == 1003
    assert (rows[0]["loss"], rows[0]["训练/acc"], rows[0]["run.value"]) == (1.0, 0.001, None)
    assert (rows[1000]["run.value"], rows[1000]["训练/acc"]) == (7.0, None)


def test_excel_opens_with_a_sheet_for_each_run(runs: list[rn.Run], tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(exported("excel", runs)))
    assert book.sheetnames == ["runs", runs[0].id, runs[1].id]
    head, first, second = book["runs"].iter_rows(values_only=True)
    by_name = dict(zip(head, first, strict=True))
    assert (by_name["run"], by_name["params.lr"], by_name["params.odd"]) == (runs[0].id, 0.1, NASTY)
    assert dict(zip(head, second, strict=True))["summary.huge"] == str(2**62)
    rows = list(book[runs[0].id].iter_rows(values_only=True))
    assert rows[0] == ("step", "ts", "stage", "loss", "run", "训练/acc")
    assert (rows[2][0], rows[2][2:4], len(rows)) == (2, ("train", 0.5), 1002)
    assert rows[1001][3] == "NaN"
    long = openpyxl.load_workbook(io.BytesIO(exported("excel", runs, layout="long")))
    assert long.sheetnames == ["runs", "values"]
    assert long["values"].max_row == 2005


def test_no_sheet_has_a_name_that_excel_keeps_for_itself() -> None:
    import openpyxl

    with rn.init(project="p", run_id="History", capture_env=False) as run:
        run.log({"x": 1.0})
    book = openpyxl.load_workbook(io.BytesIO(exported("excel", [run])))
    assert book.sheetnames == ["runs", "History (2)"]


def test_a_cell_is_never_a_formula() -> None:
    import openpyxl

    with rn.init(project="p", params={"evil": '=HYPERLINK("http://x","y")'}, capture_env=False) as run:
        run.log({"=1+1": 1.0})
    book = openpyxl.load_workbook(io.BytesIO(exported("excel", [run])))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if str(cell.value).startswith("=")] == ["s", "s"]


class Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        told = [(name, value or "") for name, value in attributes]
        self.addresses += [value for name, value in told if name in ("src", "href") or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_an_html_report_shows_everything_and_runs_nothing(runs: list[rn.Run]) -> None:
    page = Reading()
    page.feed(exported("html", runs, title=NASTY).decode())
    assert not {"script", "iframe", "a", "img", "link", "object"} & set(page.tags)
    assert page.addresses == []
    assert page.text.count(NASTY) >= 5, "title, parameter, note, alert are there as text"
    assert page.tags.count("svg") == 3
    assert "Parameters that differ" in page.text


def test_a_curve_in_a_report_loses_no_spike() -> None:
    with rn.init(project="p", capture_env=False) as run:
        for step in range(5000):
            run.log({"loss": 1000.0 if step == 3333 else 0.0}, step=step)
    page = exported("html", [run]).decode()
    path = page.split('class="c0" d="')[1].split('"')[0]
    heights = {float(part.split()[1]) for part in path.replace("M", "L").split("L")[1:]}
    assert min(heights) == 12.0, "the spike reaches the top"


def test_one_value_alone_is_seen_as_a_point() -> None:
    with rn.init(project="p", capture_env=False) as run:
        run.log({"accuracy": 0.9})
    assert re.search(r'<path class="c0 p" d="M[\d.]+ [\d.]+h0"/>', exported("html", [run]).decode())


def test_a_markdown_report_is_text_and_tables_only(runs: list[rn.Run]) -> None:
    text = exported("markdown", runs).decode()
    assert "## Parameters that differ" in text
    assert "| lr | 0.1 | 0.2 |" in text
    assert "<script>" not in text
    assert "](javascript" not in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in tables if line.startswith("| lr")} == {4}


def test_json_lines_hold_each_call_as_it_was_logged(runs: list[rn.Run]) -> None:
    lines = [json.loads(line) for line in exported("jsonl", runs, keys="loss").splitlines()]
    heads = [line for line in lines if line["type"] == "run"]
    assert [head["run"] for head in heads] == [run.id for run in runs]
    calls = [line["data"] for line in lines if line["type"] == "metrics"]
    assert (len(calls), calls[0], calls[-1]) == (1003, {"loss": 1.0}, {"loss": "Infinity"})


@pytest.mark.parametrize(
    "values",
    [[5e-324], [1.7e308], [-1.7e308, 1.7e308], [0.0, 5e-324], [1e-310, 1e308], [7.0], [0.0], [1.0, 1.0 + 2**-52]],
)
def test_whatever_finite_numbers_a_run_has_a_report_draws_them(values: list[float]) -> None:
    with rn.init(project="p", capture_env=False) as run:
        for value in values:
            run.log({"x": value})
    page = exported("html", [run]).decode()
    (path,) = re.findall(r'class="c0(?: p)?" d="([^"]*?)(?:h0)?"', page)
    for part in path.replace("M", "L").split("L")[1:]:
        x, y = map(float, part.split())
        assert (0 <= x <= 520, 0 <= y <= 240) == (True, True)


def test_a_report_speaks_the_language_that_was_asked_for_or_configured(
    runs: list[rn.Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    html, text = (exported(name, runs, language="zh-CN").decode() for name in ("html", "markdown"))
    assert 'lang="zh-CN"' in html
    for said in ("Runicorn 报告", "已完成", "不同的参数", "摘要", "最后一步"):
        assert said in html
        assert said in text
    assert "<h2>Metrics</h2>" not in html
    assert "| verdict |" in exported("markdown", runs).decode(), "summaries are told"
    assert exported("markdown", runs, title="min", language="zh-CN").decode().startswith("# min\n")
    assert exported("markdown", runs).decode().startswith("# Runicorn report\n")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runicorn.toml").write_text('[exporters]\nreport_language = "zh-CN"\n')
    assert exported("markdown", runs).decode().startswith("# Runicorn 报告\n")
    assert exported("markdown", runs, language="en").decode().startswith("# Runicorn report\n")
