"""Rows of a statement as text or a file: for people, for programs."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from runicorn.appearing import appearing
from runicorn.serialize import dumps

from ..commands.telling import many

_SUFFIXES = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".arrow": "arrow", ".arrows": "arrow"}


def kind_of(path: Path | None) -> str:
    """The format that the name of a file says."""
    return "table" if path is None else _SUFFIXES.get(path.suffix.lower(), "table")


@contextmanager
def opened(path: Path | None) -> Iterator[BinaryIO]:
    """A file that is there whole or not at all; a pipe, a device or (None) standard output as it is.

    :raises OSError: it cannot be written.
    """
    if path is None:
        yield sys.stdout.buffer
    elif path.exists() and not path.is_file():
        with path.open("wb") as out:
            yield out
    else:
        with appearing(path.resolve()) as beside, beside.open("wb") as out:
            yield out


def plain_rows(table: pa.Table) -> list[list[Any]]:
    """The cells as JSON knows them."""
    columns = [column.to_pylist() for column in table.columns]
    return [[plain(cell) for cell in row] for row in zip(*columns, strict=True)]


def plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if isinstance(value, (bool, int, float, str)) or value is None else str(value)


def as_json(table: pa.Table) -> bytes:
    """An array of row objects."""
    return dumps([dict(zip(table.column_names, row, strict=True)) for row in plain_rows(table)], indent=True)


def told(unreadable: Mapping[str, str]) -> str:
    """Which runs are missing in an answer, as one sentence."""
    folder, reason = next(iter(unreadable.items()))
    more = "" if len(unreadable) == 1 else f" and {many(len(unreadable) - 1, 'more run')}"
    return f"what {folder}{more} logged is missing here: {reason}"


def write_file(table: pa.Table, kind: str, out: BinaryIO) -> None:
    """The table as ``csv``, ``parquet`` or ``arrow``."""
    if kind == "csv":
        from pyarrow import csv

        csv.write_csv(_flat(table), out)
    elif kind == "parquet":
        from pyarrow import parquet

        parquet.write_table(table, out, compression="zstd")
    else:
        with pa.ipc.new_stream(out, table.schema) as writer:
            writer.write_table(table)


def _flat(table: pa.Table) -> pa.Table:
    """Lists and objects as JSON text: a line of CSV has only cells."""
    for place, column in enumerate(table.columns):
        if pa.types.is_nested(column.type):
            texts = [None if cell is None else dumps(plain(cell)).decode() for cell in column.to_pylist()]
            table = table.set_column(place, table.column_names[place], pa.array(texts, pa.string()))
    return table
