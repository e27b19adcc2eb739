"""How segments look as Parquet: columns, order, encodings. docs/run-folder.md tells readers the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

#: Rows of a row group: what DuckDB scans at once.
ROW_GROUP = 122_880
#: Log lines of a row group: a page of a log needs one of them.
LOG_ROW_GROUP = 16_384
#: Points, or records, after which a segment is closed and the next one begins: bounds the memory of sealing and reading
#: to less than 1 GB. A record takes as much as four points.
SEGMENT_POINTS = 4_000_000
SEGMENT_RECORDS = 1_000_000
SEGMENT_LOG_BYTES = 128 << 20

#: What the number in ``value`` was in the file.
FLOAT, INTEGER, BOOLEAN, SPELLED, OTHER = range(5)
#: Integers up to this are exact as float64.
EXACT = 2**53

_WORDS = pa.dictionary(pa.int32(), pa.string())
RECORDS = pa.schema(
    [
        ("file", _WORDS),
        ("step", pa.int64()),
        ("ts", pa.float64()),
        ("stage", _WORDS),
        ("shape", _WORDS),
        ("raw", pa.binary()),
    ]
)
POINTS = pa.schema(
    [
        ("key", _WORDS),
        ("step", pa.int64()),
        ("record", pa.int64()),
        ("value", pa.float64()),
        ("kind", pa.int8()),
        ("json", pa.string()),
    ]
)
LOGS = pa.schema(
    [
        ("file", _WORDS),
        ("ts", pa.timestamp("ms", tz="UTC")),
        ("stream", _WORDS),
        ("text", pa.string()),
        ("raw", pa.binary()),
    ]
)
#: Fewer rows carry no statistics: they choose among row groups, and say where the records of long series begin and end.
_FEW_ROWS = 1 << 15
#: Columns that a file need not have, and what all of its rows have in them then.
_OPTIONAL: dict[str, dict[str, Any]] = {
    "records": {"stage": pa.scalar(None, pa.string()), "raw": pa.scalar(None, pa.binary())},
    "points": {"kind": pa.scalar(FLOAT, pa.int8()), "json": pa.scalar(None, pa.string())},
}
#: A table of fewer bytes in memory is squeezed as far as can be: a few thousand records.
_SMALL = 1 << 19
_MIDDLING = 1 << 21
_LEVELS = {"logs": 9}  # texts take longer, and gain nothing from more
_DELTA, _SPLIT = "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"
_OPTIONS: dict[str, dict[str, Any]] = {
    "records": {
        "use_dictionary": ["file", "stage", "shape"],
        "column_encoding": {"step": _DELTA, "ts": _SPLIT},
        "row_group_size": ROW_GROUP,
    },
    "points": {
        "use_dictionary": ["key", "kind"],
        "column_encoding": {"step": _DELTA, "record": _DELTA, "value": _SPLIT},
        "row_group_size": ROW_GROUP,
    },
    "keys": {"use_dictionary": [], "row_group_size": ROW_GROUP},
    "rollups": {
        "use_dictionary": ["key", "width"],
        "column_encoding": {
            **dict.fromkeys(["bucket", "n", "n_nan", "n_posinf", "n_neginf", "step_first", "step_last"], _DELTA),
            **dict.fromkeys(["ts_first", "ts_last", "first", "last", "min", "max", "mean"], _SPLIT),
        },
        "row_group_size": ROW_GROUP,
    },
    "logs": {"use_dictionary": ["file", "stream"], "column_encoding": {"ts": _DELTA}, "row_group_size": LOG_ROW_GROUP},
}


def path_of(kind: str, segment: str) -> str:
    """Relative to the run folder."""
    return f"logs/{segment}.parquet" if kind == "logs" else f"metrics/{segment}.{kind}.parquet"


def write(path: Path, kind: str, table: Any) -> None:
    """Write one Parquet file without the columns that would say nothing; its pages carry checksums.

    :raises OSError: it could not be written.
    """
    table = table.drop_columns([name for name, value in _OPTIONAL.get(kind, {}).items() if _is_all(table[name], value)])
    codec, level, options = "zstd", 19 if table.nbytes < _MIDDLING else _LEVELS.get(kind, 15), _OPTIONS[kind]
    plain = _plain(table) if table.nbytes < _SMALL and pa.Codec.is_available("brotli") else None
    if plain is not None and plain.nbytes < _SMALL:  # the headers of dictionaries would be a good part of it
        table, codec, level, options = plain, "brotli", 10, {**options, "use_dictionary": []}
    fields = [field.with_nullable(table[field.name].null_count > 0) for field in table.schema]
    pq.write_table(
        table.cast(pa.schema(fields)),
        path,
        compression=codec,
        compression_level=level,
        store_schema=False,
        max_rows_per_page=ROW_GROUP,  # the bytes of a column that are alike stand together
        write_page_checksum=True,
        write_statistics=kind == "rollups" or len(table) > _FEW_ROWS,
        **options,
    )


def whole(kind: str, table: Any) -> Any:
    """A table as it was before it was written."""
    for name, value in _OPTIONAL.get(kind, {}).items():
        if name not in table.column_names:
            table = table.append_column(name, pa.repeat(value, len(table)))
    return table


def _is_all(column: Any, value: Any) -> bool:
    if not value.is_valid:
        return bool(column.null_count == len(column))
    return bool(pc.all(pc.equal(column, value)).as_py())


def _plain(table: Any) -> Any:
    """With every text in its row."""
    types = {field.name: pa.string() if field.type == _WORDS else field.type for field in table.schema}
    return table.cast(pa.schema(types))
