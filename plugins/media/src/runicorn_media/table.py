"""``rn.Table`` and ``run.log_table``: rows and columns, kept as Parquet by pyarrow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field
from runicorn.errors import MissingDependency

from .cells import Taking, described, has_media, marked, put_column, said
from .libraries import load_here
from .snapshots import MOST_BYTES, as_array, bytes_of, caption_of, copied, is_a, safely, usable

if TYPE_CHECKING:
    from runicorn.contracts import MediaSink
    from runicorn.types import JSON

    from .image import LogsMedia

MOST_CELLS = 20_000_000
MOST_COLUMNS = 2_000
GROUP_ROWS = 10_000  # of one row group: what the viewer reads for a page
PANDAS = ("pandas.core.frame.DataFrame", "pandas.DataFrame")
POLARS = ("polars.dataframe.frame.DataFrame",)
ARROW = ("pyarrow.lib.Table", "pyarrow.lib.RecordBatch")


@define(slots=True, eq=False)
class Table:
    """A table to log: ``run.log({"predictions": rn.Table(rows)})``. Frames of pandas, polars and Arrow may be logged as
    they are, too. A cell may hold an image, a sound or any other media: ``{"input": rn.Image(pixels), "label": 3}``.

    :param data: a list of dicts, a list of rows (with ``columns``), a dict of columns, a two-dimensional array, or a
        frame of pandas, polars or Arrow.
    :param columns: the names, for rows and arrays; for dicts and frames, which of their columns in which order.
    """

    data: object
    columns: Sequence[str] | None = None
    caption: str | None = field(default=None, kw_only=True)

    @property
    def nbytes(self) -> int:
        """About how many bytes it holds, as a snapshot that waits to be encoded."""
        return bytes_of(self.data)


@define(slots=True, eq=False)
class _Snapshot(Table):
    media_bytes: int = field(default=0, kw_only=True)

    @property
    def nbytes(self) -> int:
        return bytes_of(self.data) + self.media_bytes


def log_table(
    run: LogsMedia,
    key: str,
    table: object,
    columns: Sequence[str] | None = None,
    step: int | None = None,
    caption: str | None = None,
) -> None:
    """Log one table under ``key``. Never raises: what is wrong with it stands in the run's status.

    :param table: a :class:`Table`, or anything that one takes.
    :param step: None = the run's present step.
    """
    value = table if isinstance(table, Table) else Table(table, columns)
    run.log_media(key, value if caption is None else evolve(value, caption=caption), step=step)


class TableType:
    """Encodes :class:`Table`, and frames of pandas, polars and Arrow."""

    name = "table"
    python_types = ("runicorn_media.table.Table", *PANDAS, *POLARS, *ARROW)
    panel = "media.table"

    def snapshot(self, value: object) -> object:
        load_here("pyarrow.parquet", "pandas")  # pyarrow itself loads pandas where it is installed
        table = value if isinstance(value, Table) else Table(value)
        return safely(lambda: _taken(table))

    def encode(self, snapshot: object, sink: MediaSink) -> dict[str, JSON]:
        """Put the file, and those of its cells; the fields are path, rows and columns (name and type).

        :raises ValueError: it is no table, with a sentence that says why.
        :raises MissingDependency: pyarrow is not installed.
        """
        table = usable(snapshot)
        arrow = _arrow(table, sink)
        if arrow.num_columns > MOST_COLUMNS or arrow.num_rows * arrow.num_columns > MOST_CELLS:
            size = f"{arrow.num_rows} rows and {arrow.num_columns} columns"
            raise ValueError(f"a table of {size}; at most {MOST_CELLS} cells and {MOST_COLUMNS} columns are kept")
        import pyarrow.parquet as pq

        file = BytesIO()
        pq.write_table(arrow, file, compression="zstd", row_group_size=GROUP_ROWS)
        if file.tell() > MOST_BYTES:
            raise ValueError(f"a table of {file.tell() >> 20} MiB; at most {MOST_BYTES >> 20} MiB are kept")
        return {
            "path": sink.put(file.getvalue(), ".parquet"),
            "rows": arrow.num_rows,
            "columns": [described(column) for column in arrow.schema],
            **caption_of(table),
        }


def _taken(table: Table) -> Table:
    taking = Taking()
    data = _copied(table.data, taking)
    return _Snapshot(data, table.columns, caption=table.caption, media_bytes=taking.nbytes)


def _copied(data: Any, taking: Taking) -> Any:
    """Rows and columns that the caller may change are copied, one level deep, and the media in their cells."""
    if is_a(data, *ARROW):
        return data
    if is_a(data, *POLARS):
        if not any(str(kind) == "Object" for kind in data.dtypes):
            return data.clone()
        data = data.to_dict(as_series=False)  # Arrow has nothing for it
    if is_a(data, *PANDAS):
        frame = data.copy()
        for at, kind in enumerate(frame.dtypes):
            if str(kind) == "object":
                cells = _copied_column(frame.iloc[:, at], taking)
                if has_media(cells):
                    column = frame.iloc[:, at].copy()
                    column[:] = cells
                    frame.isetitem(at, column)
        return frame
    if isinstance(data, Mapping):
        return {name: _copied_column(column, taking) for name, column in data.items()}
    if hasattr(data, "dtype") and hasattr(data, "shape"):
        if str(data.dtype) != "object" or len(data.shape) != 2:
            return copied(data)
        data = data.tolist()
    if isinstance(data, (str, bytes)) or not hasattr(data, "__iter__"):
        raise ValueError(f"{type(data).__name__} is no table")
    rows = [dict(row) if type(row) is dict or isinstance(row, Mapping) else list(row) for row in data]
    taking.rows(rows)
    return rows


def _copied_column(column: Any, taking: Taking) -> Any:
    if hasattr(column, "dtype") and hasattr(column, "copy") and str(column.dtype) != "object":
        return column.copy()
    if isinstance(column, (list, tuple)) or hasattr(column, "tolist"):
        cells = column.tolist() if hasattr(column, "tolist") else list(column)
        taking.rows([cells])
        return cells
    return column


def _arrow(table: Table, sink: MediaSink) -> Any:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingDependency("a table", "pyarrow") from error
    data: Any = table.data
    if is_a(data, "pyarrow.lib.RecordBatch"):
        data = pa.Table.from_batches([data])
    elif is_a(data, *POLARS):
        data = data.to_arrow()
    elif is_a(data, *PANDAS):
        named = all(name is None for name in data.index.names)
        frame = data if named else data.reset_index(allow_duplicates=True)
        names = _apart(map(str, frame.columns))
        data = _of_columns({name: frame.iloc[:, at] for at, name in enumerate(names)}, pa, sink, missing=True)
    if not is_a(data, "pyarrow.lib.Table"):
        return _of_columns(_columns(table), pa, sink)
    data = data.rename_columns(_apart(data.column_names))
    if table.columns is None:
        return data
    unknown = [name for name in table.columns if name not in data.column_names]
    if unknown:
        raise ValueError(f"the table has no column {unknown[0]!r}; it has {', '.join(data.column_names)}"[:500])
    return data.select(list(table.columns))


def _apart(names: Iterable[str]) -> list[str]:
    """Names that are there once: the second ``loss`` becomes ``loss (2)``, as a file and its reader need one each."""
    found: dict[str, None] = {}
    for name in names:
        other, count = name, 1
        while other in found:
            count += 1
            other = f"{name} ({count})"
        found[other] = None
    return list(found)


def _columns(table: Table) -> dict[str, Any]:
    data: Any = table.data
    if isinstance(data, Mapping):
        given = {str(name): column for name, column in data.items()}
        names = [str(name) for name in (table.columns or given)]
        unknown = [name for name in names if name not in given]
        if unknown:
            raise ValueError(f"the table has no column {unknown[0]!r}; it has {', '.join(given)}"[:500])
        return {name: given[name] for name in names}
    if hasattr(data, "dtype"):
        if data.ndim != 2:
            raise ValueError(f"an array of shape {tuple(data.shape)} is no table; one has rows and columns")
        if type(data).__module__ != "numpy":
            data = as_array(data)
        names = _names(table.columns, data.shape[1])
        return {name: data[:, at] for at, name in enumerate(names)}
    if all(isinstance(row, Mapping) for row in data):
        keys = list(table.columns or dict.fromkeys(name for row in data for name in row))
        return {name: [row.get(key) for row in data] for name, key in zip(_apart(map(str, keys)), keys, strict=True)}
    if any(isinstance(row, Mapping) for row in data):
        raise ValueError("some rows are dicts and some are not")
    widths = {len(row) for row in data}
    if len(widths) > 1:
        raise ValueError(f"rows have from {min(widths)} to {max(widths)} cells; a table has as many in each")
    names = _names(table.columns, widths.pop() if widths else 0)
    return {name: [row[at] for row in data] for at, name in enumerate(names)}


def _names(columns: Sequence[str] | None, width: int) -> list[str]:
    names = [str(name) for name in columns] if columns is not None else [str(at) for at in range(width)]
    if width and len(names) != width:
        raise ValueError(f"{len(names)} names for {width} columns")
    return _apart(names)


def _of_columns(columns: Mapping[str, Any], pa: Any, sink: MediaSink, *, missing: bool = False) -> Any:
    """:param missing: NaN stands for a value that is not there, as in pandas."""
    fields, arrays = [], []
    for name, values in columns.items():
        media = str(getattr(values, "dtype", "object")) == "object" and has_media(values)
        array = put_column(values, sink, pa) if media else _column(values, pa, missing)
        made = pa.field(name, array.type)
        fields.append(marked(made) if media else made)
        arrays.append(array)
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _column(values: Any, pa: Any, missing: bool) -> Any:
    """A column of one type; what has none, such as numbers among texts, becomes text, and nested values become JSON."""
    kind = str(getattr(values, "dtype", ""))
    if kind.startswith("Sparse["):
        values = values.sparse.to_dense()
    elif kind.startswith(("period[", "interval[")):  # Arrow would keep numbers that nobody understands
        absent = values.isna()
        return pa.array([None if none else str(value) for value, none in zip(values, absent, strict=True)], pa.string())
    try:
        column = pa.array(values, from_pandas=missing)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError, TypeError, ValueError):
        return pa.array([None if value is None else said(value) for value in values], pa.string())
    if pa.types.is_nested(column.type):
        return pa.array([None if value is None else said(value) for value in column.to_pylist()], pa.string())
    return column
