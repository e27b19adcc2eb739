"""Lines of CSV, many at a time: numbers become texts by the column."""

from __future__ import annotations

import csv
import io
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import compress, repeat
from typing import TYPE_CHECKING, Any

from runicorn.serialize import dumps

from ..formulas import guarded

if TYPE_CHECKING:
    from runicorn.model.metric import RecordTable

END = b"\r\n"  # as RFC 4180 has it
_ROWS = 1 << 16  # of one piece


def escaped(text: str) -> bytes:
    """A field, in quotes where it needs them. What a spreadsheet would run as a formula has an apostrophe before it."""
    line = io.StringIO()
    csv.writer(line).writerow([guarded(text), ""])
    return line.getvalue()[:-3].encode("utf-8", "replace")


def long_lines(table: RecordTable) -> Iterator[tuple[str, bytes]]:
    """A line for each value: run, key, step, ts, stage, value. Many lines of one key at a time."""
    run = escaped(table.ref.id)
    for key, column in sorted(table.columns.items()):
        head = run + b"," + escaped(key) + b","
        for begin in range(0, len(column.values), _ROWS):
            part = slice(begin, begin + _ROWS)
            values = _numbers(column.values[part])
            if column.rows is None:
                steps, times, stages = table.step[part], table.ts[part], _stages(table, part)
            else:
                rows = column.rows[part]
                steps, times, stages = _at(table.step, rows), _at(table.ts, rows), _stages_at(table, rows)
            lines = map(b",".join, zip(_numbers(steps), _numbers(times), stages, values, strict=False))
            yield key, head + (END + head).join(lines) + END


def wide_lines(table: RecordTable, keys: Sequence[str]) -> Iterator[bytes]:
    """A line for each call that has a value: run, step, ts, stage, and the value of each key."""
    head = escaped(table.ref.id) + b","
    for begin in range(0, len(table.step), _ROWS):
        part = slice(begin, min(begin + _ROWS, len(table.step)))
        columns = [_spread(table, key, part) for key in keys]
        fields = (_numbers(table.step[part]), _numbers(table.ts[part]), _stages(table, part), *columns)
        lines: Iterator[bytes] = map(b",".join, zip(*fields, strict=False))
        if not any(key in table.columns and table.columns[key].rows is None for key in keys):
            lines = compress(lines, map(any, zip(*columns, strict=True)) if columns else repeat(False))
        text = (END + head).join(lines)
        if text:
            yield head + text + END


def _spread(table: RecordTable, key: str, part: slice) -> list[bytes]:
    """The values of a key in some rows, nothing where a row has none."""
    column = table.columns.get(key)
    if column is None:
        return [b""] * (part.stop - part.start)
    if column.rows is None:
        return _numbers(column.values[part])
    first, last = (bisect_left(column.rows, row) for row in (part.start, part.stop))
    found = [b""] * (part.stop - part.start)
    values = _numbers(column.values[first:last])
    for row, value in zip(_plain(column.rows[first:last]), values, strict=True):
        found[row - part.start] = value
    return found


def _numbers(values: Any) -> list[bytes]:
    """NaN and infinities are NaN, Infinity and -Infinity."""
    if not len(values):
        return []
    return dumps(_plain(values))[1:-1].replace(b'"', b"").split(b",")


def _plain(values: Any) -> list[Any]:
    found: list[Any] = values.tolist() if hasattr(values, "tolist") else list(values)
    return found


def _at(values: Any, rows: Any) -> Any:
    return values[rows] if hasattr(values, "dtype") else [values[row] for row in rows]


def _stages(table: RecordTable, part: slice) -> Any:
    return _shown(table.stage[part]) if len(table.stage) else repeat(b"")


def _stages_at(table: RecordTable, rows: Any) -> Any:
    return _shown([table.stage[row] for row in rows]) if len(table.stage) else repeat(b"")


def _shown(stages: Sequence[str | None]) -> list[bytes]:
    known = {stage: escaped(stage) if stage else b"" for stage in set(stages)}
    return [known[stage] for stage in stages]
