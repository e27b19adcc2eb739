"""CSV: the numbers that were logged, one line for each ``log()`` call or for each value."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO, Literal

from attrs import frozen

from .csv_lines import END, escaped, long_lines, wide_lines

if TYPE_CHECKING:
    from runicorn.contracts import ExportReader
    from runicorn.model.metric import KeyColumn, RecordTable


@frozen
class CsvOptions:
    """What can be chosen."""

    layout: Literal["wide", "long"] = "wide"  # one line for each log() call, or one for each value
    keys: tuple[str, ...] = ()  # none: all


class CsvExporter:
    """Columns are named as everywhere in Runicorn: run, step, ts, stage, key, value."""

    name = "csv"
    suffix = ".csv"
    media_type = "text/csv; charset=utf-8"
    options = CsvOptions

    def export(self, reader: ExportReader, out: BinaryIO, options: CsvOptions) -> None:
        runs = reader.pieces(options.keys or None)
        if options.layout == "wide":
            keys = numeric_keys(reader, options.keys)
            heads, blocks = ["run", "step", "ts", "stage", *keys], (_wide(tables, keys) for tables in runs)
        else:
            heads, blocks = ["run", "key", "step", "ts", "stage", "value"], (_by_key(tables) for tables in runs)
        out.write(b",".join(map(escaped, heads)) + END)
        for lines in blocks:
            for piece in lines:
                out.write(piece)


def _wide(tables: Iterable[RecordTable], keys: Sequence[str]) -> Iterator[bytes]:
    return chain.from_iterable(wide_lines(table, keys) for table in tables)


def _by_key(tables: Iterable[RecordTable]) -> Iterator[bytes]:
    """The lines of one key after those of the other. What comes in several pieces is kept in a file until then."""
    pieces = iter(tables)
    first = list(islice(pieces, 2))
    if len(first) < 2:
        yield from (lines for table in first for _, lines in long_lines(table))
        return
    places: dict[str, list[tuple[int, int]]] = {}
    with tempfile.TemporaryFile() as kept:
        for key, lines in chain.from_iterable(map(long_lines, chain(first, pieces))):
            places.setdefault(key, []).append((kept.tell(), len(lines)))
            kept.write(lines)
        for key in sorted(places):
            for begin, size in places[key]:
                kept.seek(begin)
                yield kept.read(size)


def numeric_keys(reader: ExportReader, wanted: Sequence[str]) -> list[str]:
    """The keys of all runs, before their values are read."""
    return sorted({each.key for run in reader.runs for each in run.series() if not wanted or each.key in wanted})


def wide_rows(tables: Iterable[RecordTable], keys: Sequence[str]) -> Iterator[list[object]]:
    """The heads, then one row for each ``log()`` call that has a value."""
    yield ["run", "step", "ts", "stage", *keys]
    for table in tables:
        columns = [_by_row(table.columns.get(key)) for key in keys]
        for row, (step, ts) in enumerate(zip(table.step, table.ts, strict=True)):
            values = [next(column, None) if column.at(row) else None for column in columns]
            if any(value is not None for value in values):
                yield [table.ref.id, step, ts, _stage(table, row), *map(_text, values)]


def long_rows(tables: Iterable[RecordTable]) -> Iterator[list[object]]:
    """The heads, then one row for each value."""
    yield ["run", "key", "step", "ts", "stage", "value"]
    for table in tables:
        for key, column in sorted(table.columns.items()):
            rows = range(len(table.step)) if column.rows is None else map(int, column.rows)
            for row, value in zip(rows, column.values, strict=True):
                yield [table.ref.id, key, table.step[row], table.ts[row], _stage(table, row), _text(float(value))]


class _by_row(Iterator[float]):  # noqa: N801 (used like a function)
    """The values of one key, in the order of rows."""

    def __init__(self, column: KeyColumn | None) -> None:
        self._values: Iterator[float] = iter(() if column is None else column.values)
        self._rows: Iterator[int] | None = iter(())
        if column is not None:
            self._rows = None if column.rows is None else map(int, column.rows)
        self._row = -1 if self._rows is None else next(self._rows, -1)

    def at(self, row: int) -> bool:
        """Whether the next value stands in this row."""
        return self._rows is None or self._row == row

    def __next__(self) -> float:
        value = float(next(self._values))
        if self._rows is not None:
            self._row = next(self._rows, -1)
        return value


def _stage(table: RecordTable, row: int) -> str:
    return (table.stage[row] or "") if len(table.stage) else ""


def _text(value: float | None) -> object:
    if value is None or math.isfinite(value):
        return "" if value is None else value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
