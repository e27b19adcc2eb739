"""What tables, distributions, figures and texts become."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib.figure
import numpy as np
import pandas as pd
import PIL.Image
import plotly.graph_objects as go
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from runicorn.serialize import dumps, loads
from runicorn.testing.media import Kept
from runicorn_media.audio import Audio
from runicorn_media.figure import Figure, FigureType
from runicorn_media.histogram import Histogram, HistogramType
from runicorn_media.image import Image
from runicorn_media.table import Table, TableType
from runicorn_media.text import Html, HtmlType, Text, TextType


def encoded(kind: Any, value: object) -> tuple[dict[str, Any], bytes]:
    sink = Kept()
    fields = dict(kind.encode(kind.snapshot(value), sink))
    return fields, sink.files[fields["path"]]


def rows_of(value: object) -> list[dict[str, Any]]:
    fields, data = encoded(TableType(), value)
    table = pq.read_table(BytesIO(data))
    assert fields["rows"] == table.num_rows
    assert [column["name"] for column in fields["columns"]] == table.column_names
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


# --- Tables

ROWS = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


@pytest.mark.parametrize(
    "value",
    [
        Table(ROWS),
        Table([[1, "x"], (2, "y")], columns=["a", "b"]),
        Table({"a": np.array([1, 2]), "b": ["x", "y"]}),
        Table([("x", 1), ("y", 2)], columns=["b", "a"]),
        pd.DataFrame(ROWS),
        Table(pd.DataFrame(ROWS)),
        pl.DataFrame(ROWS),
        pa.table({"a": [1, 2], "b": ["x", "y"]}),
        pa.RecordBatch.from_pylist(ROWS),
    ],
    ids=lambda value: type(getattr(value, "data", value)).__module__.split(".")[0],
)
def test_a_table_may_come_in_every_shape(value: object) -> None:
    assert rows_of(value) == ROWS


def test_columns_are_those_of_all_rows_and_what_is_missing_is_null() -> None:
    assert rows_of(Table([{"a": 1}, {"b": 2.5}])) == [{"a": 1, "b": None}, {"a": None, "b": 2.5}]
    assert rows_of(Table(ROWS, columns=["b"])) == [{"b": "x"}, {"b": "y"}]


def test_a_named_index_of_pandas_is_a_column() -> None:
    assert rows_of(pd.DataFrame({"v": [1]}, index=pd.Index(["x"], name="key"))) == [{"key": "x", "v": 1}]


def test_an_index_that_is_a_column_too_loses_nothing() -> None:
    frame = pd.DataFrame({"id": [1], "v": [2]})
    assert rows_of(frame.set_index("id", drop=False)) == [{"id": 1, "id (2)": 1, "v": 2}]
    assert rows_of(Table([{1: "a", "1": "b"}])) == [{"1": "a", "1 (2)": "b"}]


def test_types_of_pandas_alone_are_kept_as_people_read_them() -> None:
    frame = pd.DataFrame(
        {
            "year": pd.PeriodIndex(["2020", None], freq="Y"),
            "span": pd.array([pd.Interval(0, 1), None], "interval[float64]"),
            "rare": pd.arrays.SparseArray([0, 3]),
        }
    )
    first, second = rows_of(frame)
    assert first == {"year": "2020", "span": "(0.0, 1.0]", "rare": 0}
    assert second == {"year": None, "span": None, "rare": 3}


def test_an_array_has_columns_by_number_or_name() -> None:
    assert rows_of(Table(np.array([[1, 2], [3, 4]]))) == [{"0": 1, "1": 2}, {"0": 3, "1": 4}]
    assert rows_of(Table(np.array([[1.5, 2.5]]), columns=["x", "y"])) == [{"x": 1.5, "y": 2.5}]


def test_what_has_no_common_type_becomes_text_and_nested_values_become_json() -> None:
    rows = rows_of(Table({"mixed": [1, "two", None], "nested": [{"k": [1, "中"]}, None, {}], "big": [2**70, 1, 2]}))
    assert [row["mixed"] for row in rows] == ["1", "two", None]
    assert rows[0]["nested"] == '{"k": [1, "中"]}'
    assert rows[0]["big"] == str(2**70)


def test_rows_may_be_changed_after_they_were_logged() -> None:
    rows, array = [{"a": 1}], np.array([[1, 2]])
    kind = TableType()
    snapshots = [kind.snapshot(Table(rows)), kind.snapshot(Table(array)), kind.snapshot(Table({"a": array[0]}))]
    rows[0]["a"], array[:] = 9, 9
    tables = []
    for snapshot in snapshots:
        sink = Kept()
        tables.append(pq.read_table(BytesIO(sink.files[str(kind.encode(snapshot, sink)["path"])])).to_pylist())
    assert tables == [[{"a": 1}], [{"0": 1, "1": 2}], [{"a": 1}, {"a": 2}]]


# --- Media in tables

PIXELS = np.full((4, 4, 3), 7, np.uint8)


def pictures() -> list[Any]:
    """The ways in which a table may hold two pictures."""
    one, two = Image(PIXELS, caption="first"), PIL.Image.fromarray(PIXELS + 1)
    objects = np.empty((2, 2), object)
    objects[:] = [[one, 1], [two, 2]]
    return [
        Table([{"x": one, "n": 1}, {"x": two, "n": 2}]),
        Table([[one, 1], (two, 2)], columns=["x", "n"]),
        Table({"x": (one, two), "n": np.array([1, 2])}),
        Table(objects, columns=["x", "n"]),
        pd.DataFrame({"x": [one, two], "n": [1, 2]}),
        pl.DataFrame({"x": [one, two], "n": [1, 2]}, schema_overrides={"x": pl.Object}),
    ]


@pytest.mark.parametrize("at", range(6), ids=["dicts", "rows", "columns", "array", "pandas", "polars"])
def test_pictures_in_a_table_are_files_of_the_run_that_its_cells_name(at: int) -> None:
    fields, data = encoded(TableType(), pictures()[at])
    assert [(column["name"], column["type"]) for column in fields["columns"]] == [("x", "media"), ("n", "int64")]
    first, second = (row["x"] for row in pq.read_table(BytesIO(data)).to_pylist())
    assert (first["kind"], first["caption"], loads(first["fields"])) == ("image", "first", {"width": 4, "height": 4})
    assert (second["kind"], second["caption"]) == ("image", None)
    assert first["path"] != second["path"]


def test_a_cell_keeps_what_it_showed_when_it_was_logged_and_the_same_is_kept_once() -> None:
    pixels, sink = PIXELS.copy(), Kept()
    kind = TableType()
    snapshot = kind.snapshot(Table([{"x": Image(pixels)}, {"x": Image(PIXELS)}]))
    pixels[:] = 99
    fields = kind.encode(snapshot, sink)
    first, second = (row["x"] for row in pq.read_table(BytesIO(sink.files[str(fields["path"])])).to_pylist())
    assert first["path"] == second["path"]
    assert len(sink.files) == 2
    assert getattr(snapshot, "nbytes", 0) >= 2 * PIXELS.nbytes


def test_what_is_no_media_in_such_a_column_stays_text_and_a_broken_one_says_so() -> None:
    rows = rows_of(Table([{"x": Image(PIXELS)}, {"x": "none"}, {"x": None}, {"x": Image("no/such/file.png")}]))
    assert rows[1]["x"] == {"kind": None, "path": None, "caption": "none", "fields": None}
    assert rows[2]["x"] is None
    assert rows[3]["x"]["path"] is None
    assert rows[3]["x"]["caption"].startswith("image not kept: ")
    assert "no/such/file.png" in rows[3]["x"]["caption"]


class Tensor:
    """What tables need of a tensor that numpy does not know: one number, or rows."""

    def __init__(self, values: Any) -> None:
        self._values = np.asarray(values)
        self.shape, self.ndim, self.dtype = self._values.shape, self._values.ndim, "float16"

    def item(self) -> float:
        return float(self._values)

    def __array__(self, *_: object, **__: object) -> Any:
        return self._values


def test_numbers_of_other_libraries_are_numbers_of_a_table() -> None:
    loss = Tensor(0.5)
    kind, sink = TableType(), Kept()
    snapshot = kind.snapshot(Table([{"loss": loss, "n": 1}, {"loss": 2.0, "n": 2}]))
    loss._values = np.asarray(9.0)
    table = pq.read_table(BytesIO(sink.files[str(kind.encode(snapshot, sink)["path"])]))
    assert table.to_pylist() == [{"loss": 0.5, "n": 1}, {"loss": 2.0, "n": 2}]
    assert rows_of(Table(Tensor([[1.0, 2.0]]), columns=["x", "y"])) == [{"x": 1.0, "y": 2.0}]
    assert rows_of(Table(np.array([["a", "b"]]), columns=["x", "y"])) == [{"x": "a", "y": "b"}]


def test_a_table_in_a_cell_is_a_table_and_a_sound_a_sound() -> None:
    rows = rows_of(Table([{"t": Table([{"a": 1}]), "s": Audio(np.zeros(100), 8000)}]))
    assert (rows[0]["t"]["kind"], rows[0]["s"]["kind"]) == ("table", "audio")
    assert loads(rows[0]["s"]["fields"])["sample_rate"] == 8000


cells = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2)


@given(st.lists(st.dictionaries(st.text(max_size=4), cells, max_size=4), max_size=6))
def test_whatever_cells_hold_the_table_is_kept_with_all_its_rows(rows: list[dict[str, Any]]) -> None:
    names = {name for row in rows for name in row}
    fields, data = encoded(TableType(), Table(rows))
    assert {column["name"] for column in fields["columns"]} == names
    assert pq.read_table(BytesIO(data)).num_rows == (len(rows) if names else 0)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (Table([[1, 2], [3]]), "rows have from 1 to 2 cells"),
        (Table([[1, 2]], columns=["a"]), "1 names for 2 columns"),
        (Table([{"a": 1}, [2]]), "some rows are dicts"),
        (Table(np.zeros((2, 2, 2))), "is no table"),
        (Table(5), "int is no table"),
        (Table("text"), "str is no table"),
        (Table(np.zeros((1, 2001))), "2001 columns"),
    ],
)
def test_what_is_no_table_says_so(value: Table, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        encoded(TableType(), value)


# --- Distributions


@given(npst.arrays(np.float64, st.integers(0, 200), elements=st.floats(allow_nan=True, allow_infinity=True)))
def test_every_finite_value_is_counted_once(values: Any) -> None:
    fields, data = encoded(HistogramType(), Histogram(values, bins=8))
    finite = np.isfinite(values).sum()
    assert sum(fields["counts"]) == finite
    assert fields["n"] - fields["non_finite"] == finite
    assert loads(data)["counts"] == fields["counts"]


def test_counts_and_edges_may_be_given() -> None:
    fields, _ = encoded(HistogramType(), Histogram(counts=[1, 2.5], edges=np.array([0, 1, 4])))
    assert (fields["counts"], fields["edges"], fields["n"]) == ([1.0, 2.5], [0.0, 1.0, 4.0], 3.5)


def test_values_that_are_all_the_same_have_a_histogram() -> None:
    for value in (0.0, 3.0, 1e300, -1e-300):
        fields, _ = encoded(HistogramType(), Histogram([value] * 7))
        assert (sum(fields["counts"]), fields["mean"]) == (7, pytest.approx(value))


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (Histogram(), "needs values, or counts and edges"),
        (Histogram([1.0], bins=513), "must be from 1 to 512"),
        (Histogram([1.0], range=(2, 1)), "low < high"),
        (Histogram(counts=[1], edges=[0]), "1 counts and 1 edges"),
        (Histogram(counts=[1, 1], edges=[0, 2, 1]), "edges must ascend"),
        (Histogram(["a"]), "holds no numbers"),
    ],
)
def test_what_is_no_distribution_says_so(value: Histogram, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        encoded(HistogramType(), value)


# --- Figures and texts


def test_a_figure_is_drawn_before_it_can_be_changed_or_closed() -> None:
    figure = matplotlib.figure.Figure(figsize=(3, 2), dpi=50)
    axes = figure.subplots()
    axes.plot([1, 2])
    kind, sink = FigureType(), Kept()
    before, through_axes = kind.snapshot(figure), kind.snapshot(Figure(axes))
    figure.clear()
    fields = kind.encode(before, sink)
    assert (fields["width"], fields["height"], fields["library"]) == (150, 100, "matplotlib")
    assert kind.encode(through_axes, sink)["path"] == fields["path"]
    assert kind.encode(kind.snapshot(figure), sink)["path"] != fields["path"]


def test_a_plotly_figure_is_its_json() -> None:
    fields, data = encoded(FigureType(), go.Figure(go.Scatter(x=[1, 2], y=[3, 4])))
    assert fields["library"] == "plotly"
    assert loads(data)["data"][0]["type"] == "scatter"


def test_texts_and_pages_are_files_that_nobody_takes_for_something_else() -> None:
    fields, data = encoded(TextType(), Text("# 标题 <b>", "markdown"))
    assert (fields["format"], fields["path"][-4:], data.decode()) == ("markdown", ".txt", "# 标题 <b>")
    assert encoded(HtmlType(), pd_html := Html(pd.DataFrame({"a": [1]})))[1].startswith(b"<div>"), pd_html


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        (FigureType(), Figure(object()), "object is no figure"),
        (FigureType(), Figure(matplotlib.figure.Figure(), "pdf"), "format 'pdf'"),  # type: ignore[arg-type]  # tested
        (TextType(), Text("a", "rst"), "format 'rst'"),  # type: ignore[arg-type]  # what is tested
        (TextType(), Text("a" * (5 << 20)), "at most 4194304"),
        (HtmlType(), Html(5), "int is no page"),
    ],
)
def test_what_cannot_be_shown_says_so(kind: Any, value: object, sentence: str) -> None:
    with pytest.raises((ValueError, TypeError), match=sentence):
        encoded(kind, value)


# --- What users hand over, too


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(ROWS),
        pl.DataFrame(ROWS),
        pa.table({"a": [1, 2], "b": ["x", "y"]}),
        pa.RecordBatch.from_pylist(ROWS),
    ],
    ids=["pandas", "polars", "arrow", "batch"],
)
def test_columns_choose_and_order_those_of_a_frame(frame: object) -> None:
    assert rows_of(Table(frame, columns=["b"])) == [{"b": "x"}, {"b": "y"}]
    with pytest.raises(ValueError, match=r"has no column 'c'; it has a, b"):
        rows_of(Table(frame, columns=["c"]))


@pytest.mark.parametrize(
    "value",
    [
        Table([[1, 2, 3]], columns=["a", "a", "a"]),
        pd.DataFrame([[1, 2, 3]], columns=["a", "a", "a"]),
        pa.table([pa.array([1]), pa.array([2]), pa.array([3])], names=["a", "a", "a"]),
    ],
    ids=["rows", "pandas", "arrow"],
)
def test_columns_of_one_name_are_all_kept(value: object) -> None:
    assert rows_of(value) == [{"a": 1, "a (2)": 2, "a (3)": 3}]


def test_what_numpy_histogram_returns_is_a_histogram() -> None:
    counts, edges = np.histogram(np.arange(10), bins=5)
    fields, _ = encoded(HistogramType(), Histogram((counts, edges)))
    assert (fields["counts"], fields["n"]) == ([2, 2, 2, 2, 2], 10)
    assert fields["edges"] == edges.tolist()


CHART = {"data": [{"type": "bar", "x": ["a"], "y": [1]}], "layout": {"title": {"text": "t"}}}


@pytest.mark.parametrize(
    "figure",
    [CHART, dumps(CHART), dumps(CHART).decode(), {**CHART, "data": [{"type": "bar", "x": ["a"], "y": np.array([1])}]}],
    ids=["dict", "bytes", "text", "arrays"],
)
def test_a_figure_of_plotly_may_be_given_as_json(figure: object) -> None:
    fields, data = encoded(FigureType(), Figure(figure))
    assert fields["library"] == "plotly"
    assert loads(data) == CHART


@pytest.mark.parametrize("figure", ["nothing", "[1]", '{"data": 3}', {"layout": {}}])
def test_json_that_is_no_figure_is_refused_in_a_sentence(figure: object) -> None:
    with pytest.raises(ValueError, match=r"figure of plotly"):
        encoded(FigureType(), Figure(figure))


def test_pyplot_stands_for_its_current_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(2, 1), dpi=50)
    try:
        for given in (plt, axes, axes.plot([1, 2])[0]):
            fields, data = encoded(FigureType(), Figure(given))
            assert (fields["width"], fields["height"], data[:4]) == (100, 50, b"\x89PNG")
    finally:
        plt.close(figure)


def test_a_page_may_be_a_file(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text("<p>é</p>", encoding="utf-8")
    assert encoded(HtmlType(), Html(page))[1].decode() == "<p>é</p>"
