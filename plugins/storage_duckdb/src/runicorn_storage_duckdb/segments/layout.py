"""How segments look as Parquet: columns, order, encodings. docs/run-folder.md tells readers the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

#: Rows of a row group: what DuckDB scans at once.
ROW_GROUP = 122_880
#: Log lines of a row group: a page of a log needs one of them.
LOG_ROW_GROUP = 16_384
#: Points after which a segment is closed and the next one begins: bounds the memory of sealing and reading.
SEGMENT_POINTS = 4_000_000
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
    """Write one Parquet file; its pages carry checksums.

    :raises OSError: it could not be written.
    """
    small = table.nbytes < 1 << 20  # what is small is squeezed harder: it costs milliseconds
    options = _OPTIONS[kind]
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19 if small else 9,
        store_schema=False,
        write_page_checksum=True,
        write_statistics=kind == "rollups" or len(table) > _FEW_ROWS,
        **options,
    )
