"""Tables as Runicorn writes them, as TensorBoard's and wandb's pages save them, as people write them."""

from __future__ import annotations

import codecs
import csv
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runicorn.contracts import Importer, RunReader, Store
from runicorn.errors import ImportProblem, InvalidArgument
from runicorn.hooks import Selection, export_to_file, find_run, open_store
from runicorn.managing import ImportRequest, import_runs
from runicorn.testing import ImporterContract
from runicorn_exporters.imports.csv.columns import value
from runicorn_exporters.imports.csv.importer import CsvImporter


class TestCsv(ImporterContract):
    @pytest.fixture
    def importer(self) -> Importer:
        return CsvImporter()

    @pytest.fixture
    def source(self, tmp_path: Path) -> Path:
        path = tmp_path / "table.csv"
        path.write_text("run,step,loss,acc\na,1,0.5,\na,2,0.25,0.9\nb,1,nan,0.1\n", encoding="utf-8")
        return path


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_store()
    yield store
    store.close()


def bring(store: Store, path: Path, **options: str) -> dict[str, RunReader]:
    for outcome in import_runs(store, ImportRequest(path, options=options)):
        assert outcome.brought, outcome.reason
    return {record.ref.id: store.open_run(record.ref) for record in store.list_runs()}


def told(reader: RunReader) -> list[tuple[int, float, str | None, dict[str, Any]]]:
    return [(record.step, record.ts, record.stage, dict(record.data)) for record in reader.records()]


@pytest.mark.parametrize("layout", ["wide", "long"])
def test_no_cell_is_a_formula_and_names_come_back_as_they_were(store: Store, tmp_path: Path, layout: str) -> None:
    names = ["=cmd|' /C calc'!A0", "'=1+1", "@SUM(A1)", "+x", "'plain"]
    with rn.init(project="p", run_id="=one", capture_env=False) as run:
        run.log(dict.fromkeys(names, -1.5), stage="-stage")
    path = tmp_path / "back.csv"
    export_to_file("csv", Selection(store, [find_run(store, "=one").ref]), path, {"layout": layout})
    with path.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row if cell != "-1.5"]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]
    other = open_store(tmp_path / "other")
    ((name, back),) = bring(other, path).items()
    assert name == "=one"
    found = [(stage, *pair) for _, _, stage, data in told(back) for pair in data.items()]
    other.close()
    assert sorted(found) == [("-stage", name, -1.5) for name in sorted(names)]


@pytest.mark.parametrize("layout", ["wide", "long"])
def test_what_runicorn_exports_comes_back(store: Store, tmp_path: Path, layout: str) -> None:
    with rn.init(project="p", run_id="one", capture_env=False) as run:
        for step in range(5):
            run.log({"loss": 1 / (step + 1), "损失/a b": step}, stage="train")
        run.log({"loss": math.inf, "acc": -0.0})
    path = tmp_path / "back.csv"
    export_to_file("csv", Selection(store, [find_run(store, "one").ref]), path, {"layout": layout})
    other = open_store(tmp_path / "other")
    (back,) = bring(other, path).values()
    other.close()

    def values(reader: RunReader) -> list[tuple[int, float, str | None, str, float]]:
        return sorted((r.step, r.ts, r.stage, k, float(v)) for r in reader.records() for k, v in r.data.items())  # type: ignore[arg-type]

    assert values(back) == values(store.open_run(find_run(store, "one").ref))


def test_a_curve_as_the_page_of_tensorboard_saves_it(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "train-loss.csv"
    path.write_text("Wall time,Step,Value\n1790000000.5,0,1.5\n1790000001.5,10,0.75\n")
    (reader,) = bring(store, path).values()
    assert told(reader) == [
        (0, 1790000000.5, None, {"train-loss": 1.5}),
        (10, 1790000001.5, None, {"train-loss": 0.75}),
    ]


def test_what_the_page_of_wandb_saves(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "wandb_export.csv"
    path.write_text('"Step","run a - loss","run a - loss__MIN"\n"1","0.5","0.4"\n"2","","0.3"\n')
    (reader,) = bring(store, path).values()
    assert [(step, data) for step, _, _, data in told(reader)] == [
        (1, {"run a - loss": 0.5, "run a - loss__MIN": 0.4}),
        (2, {"run a - loss__MIN": 0.3}),
    ]


def test_what_people_write(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "by hand.tsv"
    path.write_text("\ufeffepoch;时间;note;ok\n", encoding="utf-8")
    path.write_text(
        "\ufeffepoch\ttime\tnote\tok\n1\t2026-11-01T10:00:00\tfine\ttrue\n2\tsoon\t\tFALSE\n", encoding="utf-8"
    )
    (reader,) = bring(store, path).values()
    (one, two) = told(reader)
    assert one == (1, 1793527200.0, None, {"note": "fine", "ok": True})
    assert (two[0], two[3]) == (2, {"ok": False})


def test_a_time_that_is_none_is_counted(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("step,time,x\n1,soon,1\nfirst,1790000000,2\n")
    (outcome,) = import_runs(store, ImportRequest(path))
    assert outcome.left_out == {"steps that are no numbers (the line's number was taken)": 1, "times that are none": 1}


def test_runs_that_are_mixed_are_told_apart(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text("run,step,x\na,1,1\nb,1,10\na,2,2\nb,2,20\n")
    runs = bring(store, path)
    assert {run: [data["x"] for *_, data in told(reader)] for run, reader in runs.items()} == {
        "a": [1, 2],
        "b": [10, 20],
    }


def test_an_underscore_makes_no_number(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("step,time,fold,loss\n1,2024_01,1_2,1_0.5\n")
    (outcome,) = import_runs(store, ImportRequest(path))
    (reader,) = [store.open_run(record.ref) for record in store.list_runs()]
    assert [data for *_, data in told(reader)] == [{"fold": "1_2", "loss": "1_0.5"}]
    assert outcome.left_out == {"times that are none": 1}


def test_no_column_and_no_cell_is_lost_without_a_word(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('\n\nstep, loss ,loss,"acc\n(val)",loss.1\n1,0.1,0.2,0.3,0.4\n2,0.5,,,,0.9,,0.8\n')
    (outcome,) = import_runs(store, ImportRequest(path))
    (reader,) = [store.open_run(record.ref) for record in store.list_runs()]
    assert [(step, data) for step, _, _, data in told(reader)] == [
        (1, {"loss": 0.1, "loss.2": 0.2, "acc\n(val)": 0.3, "loss.1": 0.4}),
        (2, {"loss": 0.5}),
    ]
    assert outcome.left_out == {"cells behind the last column that has a name": 2}
    long = tmp_path / "long.csv"
    long.write_text("key,value,step,note\nloss,0.5,1,good\nloss,0.4,2,\n")
    (outcome,) = import_runs(store, ImportRequest(long))
    assert (outcome.points, outcome.left_out) == (2, {"cells of the column 'note'": 1})


def test_a_quotation_mark_that_is_not_closed_swallows_no_lines(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('run,step,loss\na,1,0.5\nb,1,0.6\na,2,"0.4\na,3,0.3\nb,2,0.2')
    outcomes = list(import_runs(store, ImportRequest(path)))
    assert [outcome.points for outcome in outcomes] == [1, 1]
    left = [outcome.left_out for outcome in outcomes if outcome.left_out]
    assert left == [{"lines behind a quotation mark that is not closed": 3}]
    path.write_text('step,loss\n1,"0.5\n2,0.4\n')
    with pytest.raises(ImportProblem, match="a quotation mark that is not closed"):
        list(import_runs(store, ImportRequest(path)))


def test_many_runs_that_are_mixed_are_read_in_a_few_passes(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runicorn_exporters.imports.csv.importer._MOST_HELD", 3 * 25)
    path = tmp_path / "mixed.csv"
    runs = [f"r{n}" for n in range(8)] + ["long"] * 20
    path.write_text("run,step,x\n" + "".join(f"{run},{step},{step}\n" for step in range(5) for run in runs))
    opened: list[str] = []
    before = Path.open

    def counted(file: Path, *given: Any, **more: Any) -> Any:
        opened.append(file.name)
        return before(file, *given, **more)

    monkeypatch.setattr(Path, "open", counted)
    found = bring(store, path)
    assert {run: len(told(reader)) for run, reader in found.items()} == dict.fromkeys(runs, 5) | {"long": 100}
    assert opened.count("mixed.csv") < 16  # 24 where each run is a pass


def test_columns_can_be_named(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("n,what,how much\n5,loss,0.5\n5,acc,0.9\n")
    (reader,) = bring(store, path, layout="long", step="n", key="what", value="how much").values()
    assert [(step, data) for step, _, _, data in told(reader)] == [(5, {"loss": 0.5}), (5, {"acc": 0.9})]
    with pytest.raises(InvalidArgument, match="step='m' is no column; there are: n, what, how much"):
        bring(store, path, step="m")
    with pytest.raises(InvalidArgument, match="needs columns for key and value"):
        bring(store, path, layout="long")


@pytest.mark.parametrize("content", [b"", b"one column\n1\n", b"\xff\xfe\x00a,b\n"])
def test_what_is_no_table_is_one_sentence(store: Store, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(ImportProblem, match=re.escape(str(path))):
        list(import_runs(store, ImportRequest(path, "csv")))


_number = st.floats() | st.integers(-(2**53), 2**53)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["loss", "a,b", 'q"uote', "损失", "x y"]), _number, min_size=1),
        min_size=1,
        max_size=6,
    )
)
def test_any_number_survives(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, float]]) -> None:
    base = tmp_path_factory.mktemp("csv")
    with rn.init(project="p", storage=base / "a", capture_env=False) as run:
        for row in rows:
            run.log(row)
    source, target = open_store(base / "a"), open_store(base / "b")
    export_to_file("csv", Selection(source, [source.list_runs()[0].ref]), base / "t.csv")
    (reader,) = bring(target, base / "t.csv").values()
    assert repr([{k: float(v) for k, v in sorted(data.items())} for *_, data in told(reader)]) == repr(
        [{k: float(v) for k, v in sorted(row.items())} for row in rows]
    )
    source.close()
    target.close()
    assert run.id


@given(st.text())
def test_any_cell_is_something(text: str) -> None:
    value(text)


SPELLED: list[tuple[str, bytes, dict[str, str]]] = [
    ("UTF-8 with its mark", codecs.BOM_UTF8 + "step,损失,note\n1,0.5,x\n".encode(), {}),
    ("UTF-16", "step,损失,note\n1,0.5,x\n".encode("utf-16"), {}),
    ("GBK", "step,损失,note\n1,0.5,x\n".encode("gbk"), {"encoding": "gbk"}),
    ("lines of an old Mac", "step,损失,note\r1,0.5,x\r".encode(), {}),
    ("decimal commas", "step;损失;note\r\n1;0,5;x\r\n".encode(), {}),
    ("tabs", "step\t损失\tnote\r\n1\t5e-1\tx\r\n".encode(), {}),
    ("a quoted newline", 'step,损失,note\n1,0.5,"a\nb, ""c"""\n'.encode(), {}),
    ("a huge field", f'step,损失,note\n1,0.5,"{"x" * 300_000}"\n'.encode(), {}),
    ("no step", "损失,note\n0.5,x\n".encode(), {}),
]


@pytest.mark.parametrize(("data", "options"), [each[1:] for each in SPELLED], ids=[each[0] for each in SPELLED])
def test_however_a_table_is_spelled_its_numbers_are_numbers(
    tmp_path: Path, data: bytes, options: dict[str, str]
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    store = open_store()
    (outcome,) = import_runs(store, ImportRequest(path, options=options))
    (series,) = store.open_run(store.list_runs()[0].ref).series()
    store.close()
    assert (outcome.became, series.key, series.last) == ("added", "损失", 0.5)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("step,损失\n1,2\n".encode("gbk"), "is no text in UTF-8; say which encoding it has"),
        (b"", "is empty; give a line of names"),
        (b"loss\n0.5\n", "one column only"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    store = open_store()
    with pytest.raises(ImportProblem, match=said):
        list(import_runs(store, ImportRequest(path)))
    store.close()
