"""A long run is exported in parts: the same numbers in every format, whichever backend, sealed or not, written by one
process or several."""

from __future__ import annotations

import csv
import io
import json
import math
import subprocess
import sys
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest
import runicorn as rn
import runicorn_storage_jsonl.growing as growing
import runicorn_storage_jsonl.merging as merging
import runicorn_storage_jsonl.pieces as in_parts
from openpyxl import load_workbook
from runicorn.contracts.storage import PieceReader
from runicorn.hooks import Selection, export_runs, find_run, open_store

ROWS = 1500


@pytest.fixture(params=["one process", "two", "sealed"])
def run(request: pytest.FixtureRequest) -> str:
    """Every kind of value; keys that come and go; times that step back."""
    with rn.init(project="p", run_id="长 run", capture_env=False) as run:
        for step in range(ROWS):
            values: dict[str, Any] = {"loss": 1 / (step + 1)}
            if step % 3 == 0:
                values['val/acc, "x"'] = math.nan if step % 300 == 0 else step / ROWS
            if step % 400 == 0:
                values["words"] = f"第 {step}"
            run.log(values, step=step, stage="val" if step % 5 == 0 else None)
    if request.param == "two":
        with rn.init(project="p", run_id="长 run", resume="must", capture_env=False) as run:
            for step in range(ROWS, ROWS + 500):
                run.log({"loss": 0.0, "late": step}, step=step)
    if request.param == "sealed":
        subprocess.run([sys.executable, "-m", "runicorn", "storage", "seal"], check=True, capture_output=True)
    return "长 run"


def exported(run: str, name: str, **options: Any) -> bytes:
    store = open_store()
    out = io.BytesIO()
    export_runs(name, Selection(store, [find_run(store, run).ref]), out, options)
    store.close()
    return out.getvalue()


def rows_of_csv(data: bytes) -> list[tuple[str, ...]]:
    return sorted(tuple(row) for row in csv.reader(io.StringIO(data.decode(), newline="")))


def rows_of_parquet(data: bytes) -> list[str]:
    return sorted(map(str, pq.read_table(io.BytesIO(data)).to_pylist()))


def rows_of_excel(data: bytes) -> list[Any]:
    book = load_workbook(io.BytesIO(data), read_only=True)
    return [sorted(map(str, sheet.iter_rows(values_only=True))) for sheet in book.worksheets]


def sizes_in_zip(data: bytes) -> dict[str, int]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: info.file_size for info in archive.infolist()}


def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_parts, "LONG", 1000)
    monkeypatch.setattr(in_parts, "PIECE", 20_000)
    monkeypatch.setattr(merging, "_LEAST", 10_000)
    monkeypatch.setattr(growing, "PIECE", 16_000)


FORMATS: list[tuple[str, dict[str, str], Callable[[bytes], Any]]] = [
    ("csv", {"layout": "wide"}, rows_of_csv),
    ("csv", {"layout": "long", "keys": "loss,late"}, rows_of_csv),
    ("parquet", {"layout": "long"}, rows_of_parquet),
    ("parquet", {"layout": "wide"}, rows_of_parquet),
    ("excel", {}, rows_of_excel),
    ("excel", {"layout": "long"}, rows_of_excel),
    ("jsonl", {}, lambda data: list(map(json.loads, data.splitlines()))),
    ("tensorboard", {}, sizes_in_zip),
]


def test_in_parts_it_is_the_same_run(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [read(exported(run, name, **options)) for name, options, read in FORMATS]
    short_pieces(monkeypatch)
    for before, (name, options, read) in zip(whole, FORMATS, strict=True):
        assert read(exported(run, name, **options)) == before, (name, options)
    monkeypatch.setenv("RUNICORN_BACKEND", "jsonl")  # without an index, which has pieces of its own
    store = open_store()
    reader = store.open_run(find_run(store, run).ref)
    run_is_in_files = (reader.folder / "events.jsonl").exists()  # of what is sealed, a piece is a segment
    assert isinstance(reader, PieceReader)
    tables = list(reader.pieces())
    store.close()
    if run_is_in_files:
        assert len(tables) > 2
        assert max(len(table.step) for table in tables) < ROWS
    for before, (name, options, read) in zip(whole, FORMATS, strict=True):
        assert read(exported(run, name, **options)) == before, (name, options)


def test_figures_of_a_long_run_are_those_of_its_columns(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNICORN_BACKEND", "jsonl")

    def known() -> tuple[Any, ...]:
        store = open_store()
        reader = store.open_run(find_run(store, run).ref)
        found = reader.series(), reader.texts(), reader.media(), reader.alerts()
        store.close()
        return found

    whole = known()
    short_pieces(monkeypatch)
    series, texts, media, alerts = known()
    assert (texts, media, alerts) == whole[1:]
    assert [each.key for each in series] == [each.key for each in whole[0]]
    for one, other in zip(series, whole[0], strict=True):
        assert one.mean == pytest.approx(other.mean)
        assert (one.n, one.first_step, one.last_step, one.min, one.max_step, one.n_nan, repr(one.last)) == (
            other.n, other.first_step, other.last_step, other.min, other.max_step, other.n_nan, repr(other.last)
        )  # fmt: skip


@pytest.mark.parametrize("run", ["two"], indirect=True)
def test_a_long_run_that_grows_is_read_again(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNICORN_BACKEND", "jsonl")
    monkeypatch.setattr(in_parts, "LONG", 1000)
    store = open_store()
    reader = store.open_run(find_run(store, run).ref)
    before = {each.key: each.n for each in reader.series()}
    with rn.init(project="p", run_id=run, resume="must", capture_env=False) as more:
        more.log({"loss": 1.0})
    after = {each.key: each.n for each in store.open_run(find_run(store, run).ref).series()}
    store.close()
    assert after["loss"] == before["loss"] + 1
