"""Metric tables as rows of JSON or CSV, made in pieces: a million rows never stand in memory as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from attrs import field, frozen
from runicorn.model.metric import BucketTable, KeyColumn, RecordTable

from ..asgi.json import encode

PIECE = 2048  # rows that are turned into text at a time: about a millisecond of work each
_VALUES = ("first", "min", "max", "last", "mean")
_COUNTS = ("n", "n_nan", "n_posinf", "n_neginf", "x_last")  # x_last: where the key's last value stands, in units of x

#: The cells of one column from row ``a`` to row ``b``.
Cells = Callable[[int, int], list[Any]]


@frozen
class Table:
    """Columns of cells, rows made on demand."""

    columns: Mapping[str, Cells]
    rows: int
    total: int
    more: Mapping[str, Any] = field(factory=dict)  # further members of the JSON answer

    def pieces(self) -> Iterator[list[tuple[Any, ...]]]:
        for begin in range(0, self.rows, PIECE):
            end = min(begin + PIECE, self.rows)
            yield list(zip(*(cells(begin, end) for cells in self.columns.values()), strict=True))


# --- Tables of records and of buckets ----------------------------------------------------------------


def of_records(table: RecordTable, keys: Sequence[str] | None) -> Table:
    """One row for each ``log()`` call.

    :param keys: what was asked for: each gets a column, known or not.
    """
    rows = len(table.step)
    names = sorted({*table.columns, *table.other, *(keys or ())})
    columns: dict[str, Cells] = {
        "step": _plain(np.asarray(table.step)),
        "time": _plain(np.asarray(table.ts)),
        "stage": (lambda a, b: list(table.stage[a:b])) if table.stage else _nothing,
    }
    for name in names:
        columns[name] = _mixed(table.columns.get(name), table.other.get(name, {}))
    return Table(columns, rows, rows)


def of_buckets(table: BucketTable, *, log_x: bool, counts: bool) -> Table:
    """One row for each bucket of the grid that holds something; the first run of the table."""
    held = {name: np.asarray(column) for name, column in table.columns.items()}
    places, row_of = np.unique(held["bucket"], return_inverse=True)
    rows = len(places)
    step = np.full(rows, np.iinfo(np.int64).max)
    np.minimum.at(step, row_of, held["step_first"])
    time = np.full(rows, np.inf)
    np.minimum.at(time, row_of, held["ts_first"])
    columns: dict[str, Cells] = {"step": _plain(step), "time": _plain(time), "stage": _nothing}
    order = sorted(range(len(table.keys)), key=lambda position: table.keys[position])
    for position in order:
        chosen = held["key"] == position
        at = row_of[chosen]
        for name in _VALUES:
            values = held[name][chosen]
            # Without a finite value there is no smallest one: absent, while a first or last NaN is a value.
            shown = np.isfinite(values) if name in ("min", "max", "mean") else np.ones(len(values), dtype=bool)
            columns[f"{table.keys[position]}.{name}"] = _sparse(values[shown], at[shown])
        for name in _COUNTS if counts else ():
            columns[f"{table.keys[position]}.{name}"] = _sparse(held[name][chosen], at)
    more: dict[str, Any] = {}
    if counts:
        columns["bucket"] = _plain(places)
        more["grid"] = {"origin": table.origin, "width": table.width, "log_x": log_x}
    return Table(columns, rows, table.records[0] if len(table.records) else 0, more)


# --- Cells -------------------------------------------------------------------------------------------


def _nothing(a: int, b: int) -> list[Any]:
    return [None] * (b - a)


def _plain(values: Any) -> Cells:
    return lambda a, b: _spelled(values[a:b])


def _sparse(values: Any, rows: Any) -> Cells:
    """Cells of a column that has values in some rows only; ``rows`` ascend."""

    def cells(a: int, b: int) -> list[Any]:
        first, last = np.searchsorted(rows, (a, b))
        made = np.full(b - a, None, dtype=object)
        made[rows[first:last] - a] = _spelled(values[first:last])
        return list(made)

    return cells


def _mixed(column: KeyColumn | None, other: Mapping[int, Any]) -> Cells:
    """Numbers, and what was logged under the same key and is none."""
    if column is None:
        numbers: Cells = _nothing
    elif column.rows is None:
        numbers = _plain(np.asarray(column.values))
    else:
        numbers = _sparse(np.asarray(column.values), np.asarray(column.rows))
    if not other:
        return numbers
    places = sorted(other)

    def cells(a: int, b: int) -> list[Any]:
        made = numbers(a, b)
        for place in places[slice(*np.searchsorted(places, (a, b)))]:
            made[place - a] = other[place]
        return made

    return cells


def _spelled(values: Any) -> list[Any]:
    """The values as Python numbers, NaN and infinities as strings."""
    made: list[Any] = values.tolist()
    if values.dtype.kind == "f":
        for place in np.flatnonzero(~np.isfinite(values)).tolist():
            value = made[place]
            made[place] = "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return made


# --- Text --------------------------------------------------------------------------------------------


def as_json(table: Table) -> Iterator[bytes]:
    """The answer in pieces: the small members first, then the rows."""
    head = {"columns": list(table.columns), "total": table.total, "sampled": table.rows, **table.more}
    yield encode(head)[:-1] + b',"rows":['
    comma = b""
    for piece in table.pieces():
        yield comma + _encode_rows(piece)[1:-1]
        comma = b","
    yield b"]}"


def _encode_rows(rows: list[tuple[Any, ...]]) -> bytes:
    try:
        return orjson.dumps(rows)
    except TypeError:  # logged text that is not valid Unicode, integers beyond 64 bits
        return encode(rows)


def as_csv(table: Table) -> Iterator[bytes]:
    """A line of column names, then one line for each row; absent values are empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.columns)
    for piece in table.pieces():
        writer.writerows(piece)
        yield _drain(text)
    yield _drain(text)


def _drain(text: io.StringIO) -> bytes:
    made = text.getvalue().encode("utf-8", "backslashreplace")
    text.seek(0)
    text.truncate()
    return made
