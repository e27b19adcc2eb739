"""Columns of sealed event files straight from their segments, without their lines in between."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from .columns import Block, Columns
from .parquet import parts, read, rows_of
from .sealed import Segment


def add_segment(columns: Columns, folder: Path, segment: Segment, file: str) -> bool:
    """Append what a segment holds of an event file, as its lines would be; whether there was something.

    :raises StorageError: a Parquet file is missing or damaged.
    """
    if "records" not in segment.paths:
        return False
    first, records = rows_of(read(folder, segment.paths["records"]), file)
    if len(records):
        _add(columns, folder, segment.paths, first, records)
    return len(records) > 0


def _add(columns: Columns, folder: Path, paths: dict[str, str], first: int, records: Any) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    logged = pc.is_valid(records["shape"])
    metrics = records.filter(logged)
    events = records.filter(pc.invert(logged))["raw"].to_pylist()
    # Lines of other types take a record but no row.
    rows = pc.subtract(pc.cumulative_sum(logged.cast(pa.int64())), 1).combine_chunks()
    blocks: list[Block] = []
    for key, part in parts(folder, paths, first, first + len(records)) if len(metrics) else ():
        row, value, text = rows.take(pc.subtract(part["record"], first)), part["value"], part["json"]
        if pc.any(pc.less(row.slice(1), row.slice(0, len(row) - 1))).as_py():
            order = pc.sort_indices(row)
            row, value, text = row.take(order), value.take(order), text.take(order)
        values: Sequence[Any] = array("d", _bytes(value))
        if text.null_count < len(text):
            values = _with_texts(values, text.to_pylist())
        blocks.append((key, array("q", _bytes(row)), values))
    stages = metrics["stage"].to_pylist() if metrics["stage"].null_count < len(metrics) else None
    step, ts = (metrics[name].combine_chunks() for name in ("step", "ts"))
    columns.add_columns(array("q", _bytes(step)), array("d", _bytes(ts)), stages, blocks, map(orjson.loads, events))


def _bytes(column: Any) -> bytes:
    """The eight bytes of each value of an Arrow array without nulls."""
    begin = 8 * column.offset
    data: bytes = column.buffers()[1][begin : begin + 8 * len(column)].to_pybytes() if len(column) else b""
    return data


def _with_texts(values: Sequence[float], texts: Sequence[str | None]) -> list[Any]:
    return [value if text is None else orjson.loads(text) for value, text in zip(values, texts, strict=True)]
