"""Segments as the lines they were made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from runicorn.errors import StorageError

from .layout import BOOLEAN, FLOAT, INTEGER, SPELLED, whole
from .loglines import log_lines
from .manifest import Segment, kind_of
from .points import key_ranges

_SPELLED = {float("inf"): "Infinity", float("-inf"): "-Infinity"}


def read(folder: Path, path: str) -> Any:
    """One Parquet file of a run, its checksums compared.

    :raises StorageError: it cannot be read, or is damaged.
    """
    place = folder / path
    try:
        with pq.ParquetFile(place, page_checksum_verification=True) as file:  # read_table would load all of datasets
            return whole(kind_of(path), file.read())
    except FileNotFoundError as error:
        raise StorageError("reading", str(place), "the segment is missing; put it back from a copy") from error
    except pa.ArrowNotImplementedError as error:  # it names the codec
        reason = f"this build of pyarrow lacks something ({error}); pip install pyarrow brings one that has it"
        raise StorageError("reading", str(place), reason) from error
    except (OSError, pa.ArrowException) as error:
        raise StorageError("reading", str(place), "the Parquet file is damaged; put it back from a copy") from error


def lines_of(folder: Path, segment: Segment) -> Iterator[tuple[str, bytes]]:
    """(file, line) of everything in a segment: event files first, then logs; lines are without their newlines.

    :raises StorageError: a file cannot be read, or is damaged.
    """
    records, points, logs = (segment.path(kind) for kind in ("records", "points", "logs"))
    if records is not None:
        yield from event_lines(read(folder, records), None if points is None else read(folder, points))
    if logs is not None:
        yield from log_lines(read(folder, logs))


def event_lines(records: Any, points: Any) -> Iterator[tuple[str, bytes]]:
    """(file, line) of each record."""
    values = {} if points is None else _values(points)
    columns = (records[name].to_pylist() for name in ("file", "step", "ts", "stage", "shape", "raw"))
    shapes: dict[str, list[tuple[str, Iterator[Any]]]] = {}
    for file, step, ts, stage, shape, raw in zip(*columns, strict=True):
        if shape is not None:
            keys = shapes.get(shape)
            if keys is None:
                keys = shapes[shape] = [(key, values[key]) for key in orjson.loads(shape)]
            data = {key: next(column) for key, column in keys}
        if raw is not None:
            yield file, raw
        elif stage is None:
            yield file, orjson.dumps({"ts": ts, "type": "metrics", "step": step, "data": data})
        else:
            yield file, orjson.dumps({"ts": ts, "type": "metrics", "step": step, "stage": stage, "data": data})


def _values(points: Any) -> Mapping[str, Iterator[Any]]:
    """The values of each key in the order of their records."""
    columns = {name: points[name].combine_chunks() for name in ("record", "value", "kind", "json")}
    values, ranges = _plain(columns), key_ranges(points)
    record = columns["record"].to_numpy()
    key = np.repeat(np.arange(len(ranges)), [end - begin for _, begin, end in ranges])
    if ((record[1:] < record[:-1]) & (key[1:] == key[:-1])).any():
        values = [values[place] for place in np.lexsort((record, key)).tolist()]
    return {name: iter(values[begin:end]) for name, begin, end in ranges}


def _plain(columns: Mapping[str, Any]) -> list[Any]:
    values: list[float] = columns["value"].to_pylist()
    kinds = columns["kind"].to_numpy()
    if (kinds == FLOAT).all():
        return values
    if (kinds == INTEGER).all():
        return [int(value) for value in values]
    return [
        value
        if kind == FLOAT
        else int(value)
        if kind == INTEGER
        else value != 0
        if kind == BOOLEAN
        else _SPELLED.get(value, "NaN")
        if kind == SPELLED
        else orjson.Fragment(text)
        for value, kind, text in zip(values, kinds.tolist(), columns["json"].to_pylist(), strict=True)
    ]
