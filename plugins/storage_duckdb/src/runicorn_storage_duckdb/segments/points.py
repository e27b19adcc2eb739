"""Lines of event files on their way into a segment."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
import orjson
import pyarrow as pa
from runicorn.serialize import number

from .layout import BOOLEAN, EXACT, FLOAT, INTEGER, OTHER, POINTS, RECORDS, SPELLED
from .manifest import KeyCount

_PLAIN = ["ts", "type", "step", "data"]
_STAGED = ["ts", "type", "step", "stage", "data"]
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
#: Keys beyond which their values are looked at together: work for each key would be most of it.
_MANY = 1000
Texts: TypeAlias = "list[str | None] | None"
_SPELLINGS = frozenset(["NaN", "Infinity", "-Infinity"])


class _Key:
    """Values of one key, and the records that they stand in."""

    __slots__ = ("rows", "values")

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.values: list[Any] = []


class Events:
    """Collects lines; :meth:`tables` gives what is written."""

    def __init__(self) -> None:
        self._files: list[str] = []
        self._steps: list[int | None] = []
        self._times: list[float | None] = []
        self._stages: list[str | None] = []
        self._shapes: list[str | None] = []
        self._raw: list[bytes | None] = []
        self._keys: dict[str, _Key] = {}
        self._known: dict[tuple[str, ...], str] = {}
        self.points = 0
        self.irregular = 0

    def __len__(self) -> int:
        return len(self._files)

    def add(self, file: str, lines: Sequence[bytes]) -> None:
        """Whole lines of one file, without their newlines."""
        for line in lines:
            self._add(line)
        self._files += [file] * len(lines)

    def _add(self, line: bytes) -> None:
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            self._keep(line, irregular=True)
            return
        if not _is_metrics(record):
            self._keep(line, irregular=not _is_event(record))
            return
        data = record["data"]
        row = len(self._steps)
        self._steps.append(record["step"])
        self._times.append(record["ts"])
        self._stages.append(record.get("stage"))
        shape = tuple(data)
        self._shapes.append(self._known.get(shape) or self._known.setdefault(shape, orjson.dumps(shape).decode()))
        self._raw.append(None if orjson.dumps(record) == line else line)
        for key, value in data.items():
            column = self._keys.get(key) or self._keys.setdefault(key, _Key())
            column.rows.append(row)
            column.values.append(value)
        self.points += len(data)

    def _keep(self, line: bytes, *, irregular: bool) -> None:
        self.irregular += irregular
        for column in (self._steps, self._times, self._stages, self._shapes):
            column.append(None)
        self._raw.append(line)

    def bounds(self) -> tuple[int | None, int | None]:
        steps = [step for step in self._steps if step is not None]
        return min(steps, default=None), max(steps, default=None)

    def tables(self) -> tuple[Any, Any, dict[str, KeyCount]]:
        """Records in the order of their lines, points sorted by (key, step, record), and what they should add up to."""
        records = pa.table(
            [
                pa.array(self._files, pa.string()).dictionary_encode(),
                pa.array(self._steps, pa.int64()),
                pa.array(self._times, pa.float64()),
                pa.array(self._stages, pa.string()).dictionary_encode(),
                pa.array(self._shapes, pa.string()).dictionary_encode(),
                pa.array(self._raw, pa.binary()),
            ],
            schema=RECORDS,
        )
        if not self.points:
            return records, POINTS.empty_table(), {}
        names = sorted(self._keys, key=str.encode)
        columns = [self._keys[name] for name in names]
        sizes = [len(column.rows) for column in columns]
        key = np.repeat(np.arange(len(names), dtype=np.int32), sizes)
        record = np.fromiter(chain.from_iterable(column.rows for column in columns), np.int64, self.points)
        step = np.array([0 if step is None else step for step in self._steps], np.int64)[record]
        value, kind, texts = _all_values([column.values for column in columns])
        if ((step[1:] < step[:-1]) & (key[1:] == key[:-1])).any():
            order = np.lexsort((record, step, key))
            step, record, value, kind = step[order], record[order], value[order], kind[order]
            texts = None if texts is None else [texts[place] for place in order]
        ends = np.cumsum(sizes).tolist()
        ranges = list(zip(names, [0, *ends[:-1]], ends, strict=True))
        points = pa.table(
            [
                pa.DictionaryArray.from_arrays(pa.array(key), pa.array(names, pa.string())),
                *(pa.array(column) for column in (step, record, value, kind)),
                pa.nulls(len(step), pa.string()) if texts is None else pa.array(texts, pa.string()),
            ],
            schema=POINTS,
        )
        return records, points, _counts(ranges, step, record, value, kind, texts)


def key_counts(points: Any) -> dict[str, KeyCount]:
    """The same figures from a table that was read back."""
    step, record, value, kind = (
        np.ascontiguousarray(points[name].combine_chunks().to_numpy(zero_copy_only=False))
        for name in ("step", "record", "value", "kind")
    )
    texts = points["json"].to_pylist() if points["json"].null_count != len(points) else None
    return _counts(key_ranges(points), step, record, value, kind, texts)


def _counts(
    ranges: Sequence[tuple[str, int, int]], step: Any, record: Any, value: Any, kind: Any, texts: Texts
) -> dict[str, KeyCount]:
    """Of each key how many numbers and texts it has, and the CRC-32 of its points in their order."""
    numeric = np.concatenate([[0], np.cumsum(~np.isnan(value) | (kind != OTHER))]).tolist()
    eights, ones = [column.view(np.uint8).data for column in (step, record, value)], kind.view(np.uint8).data
    found: dict[str, KeyCount] = {}
    for key, begin, end in ranges:
        checksum = 0
        for eight in eights:
            checksum = crc32(eight[8 * begin : 8 * end], checksum)
        checksum = crc32(ones[begin:end], checksum)
        count = 0
        for text in texts[begin:end] if texts is not None else ():
            if text is not None:
                checksum = crc32(text.encode(), checksum)
                count += 1
        found[key] = KeyCount(numeric[end] - numeric[begin], count, f"{checksum:08x}")
    return found


def _is_metrics(record: Any) -> bool:
    """A record of metrics exactly as Runicorn writes it, whatever its spacing."""
    if not isinstance(record, dict) or record.get("type") != "metrics":
        return False
    names = list(record)
    return (
        (names == _PLAIN or (names == _STAGED and type(record["stage"]) is str))
        and type(record["ts"]) is float
        and type(record["step"]) is int
        and _LOWEST < record["step"] <= _HIGHEST
        and type(record["data"]) is dict
    )


def _is_event(record: Any) -> bool:
    return isinstance(record, dict) and record.get("type") != "metrics"


def _all_values(columns: Sequence[list[Any]]) -> tuple[Any, Any, Texts]:
    """Value, kind and JSON text of the points of all keys."""
    if len(columns) > _MANY:
        return _values(list(chain.from_iterable(columns)))
    parts = [_values(column) for column in columns]
    value, kind = (np.concatenate([part[place] for part in parts]) for place in (0, 1))
    if all(part[2] is None for part in parts):
        return value, kind, None
    return value, kind, list(chain.from_iterable(part[2] or [None] * len(part[0]) for part in parts))


def _values(values: list[Any]) -> tuple[Any, Any, Texts]:
    types = set(map(type, values))
    if types == {float}:
        return np.array(values, np.float64), np.full(len(values), FLOAT, np.int8), None
    if types == {int} and min(values) >= -EXACT and max(values) <= EXACT:
        return np.array(values, np.float64), np.full(len(values), INTEGER, np.int8), None
    numbers, kinds = np.empty(len(values), np.float64), np.empty(len(values), np.int8)
    texts: list[str | None] = [None] * len(values)
    for place, value in enumerate(values):
        numbers[place], kinds[place], texts[place] = _value(value)
    return numbers, kinds, texts if OTHER in kinds else None


def _value(value: Any) -> tuple[float, int, str | None]:
    if type(value) is float:
        return value, FLOAT, None
    if type(value) is bool:
        return float(value), BOOLEAN, None
    if type(value) is int and -EXACT <= value <= EXACT:
        return float(value), INTEGER, None
    if type(value) is str and value in _SPELLINGS:
        return float(value), SPELLED, None
    figure = number(value)  # an integer beyond 2**53 stands in both columns
    return np.nan if figure is None else figure, OTHER, orjson.dumps(value).decode()


def key_ranges(points: Any) -> list[tuple[str, int, int]]:
    """Where the points of each key stand."""
    import pyarrow.compute as pc

    column = points["key"].combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not len(column):
        return []
    runs = pc.run_end_encode(column)
    ends = runs.run_ends.to_pylist()
    return list(zip(runs.values.to_pylist(), [0, *ends[:-1]], ends, strict=True))
