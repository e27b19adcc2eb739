"""Segments as the lines that they were made of. pyarrow is imported when the first one is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import gmtime, strftime
from typing import Any

import orjson
from runicorn.errors import MissingDependency, StorageError

_FLOAT, _INTEGER, _BOOLEAN, _SPELLED = range(4)  # what a number was in the file; the rest is JSON text
_SPELLINGS = {float("inf"): "Infinity", float("-inf"): "-Infinity"}


def event_lines(folder: Path, paths: Mapping[str, str], file: str) -> Iterator[bytes]:
    """The lines of one event file that a segment holds.

    :raises StorageError: a Parquet file is missing or damaged.
    :raises MissingDependency: pyarrow is not installed.
    """
    if "records" not in paths:
        return
    begin, records = rows_of(read(folder, paths["records"]), file)
    if not len(records):
        return
    values = _values(folder, paths, begin, begin + len(records))
    columns = (records[name].to_pylist() for name in ("step", "ts", "stage", "shape", "raw"))
    shapes: dict[str, list[tuple[str, Iterator[Any]]]] = {}
    for step, ts, stage, shape, raw in zip(*columns, strict=True):
        if shape is not None:
            keys = shapes.get(shape)
            if keys is None:
                keys = shapes[shape] = [(key, values[key]) for key in orjson.loads(shape)]
            data = {key: next(column) for key, column in keys}
        if raw is not None:
            yield raw
        elif stage is None:
            yield orjson.dumps({"ts": ts, "type": "metrics", "step": step, "data": data})
        else:
            yield orjson.dumps({"ts": ts, "type": "metrics", "step": step, "stage": stage, "data": data})


def rows_of(records: Any, file: str) -> tuple[int, Any]:
    """Where the records of one event file begin in a segment, and they themselves: they stand together."""
    import pyarrow.compute as pc

    there = pc.equal(records["file"], file)
    begin = pc.index(there, True).as_py()
    return begin, records.slice(max(0, begin), pc.sum(there).as_py() or 0)


def parts(folder: Path, paths: Mapping[str, str], first: int, last: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Record, value, kind and JSON text of each key's points in records ``first`` up to ``last``, as Arrow arrays."""
    points = _points(folder, paths, first, last)
    columns = {name: points[name].combine_chunks() for name in ("record", "value", "kind", "json")} if points else {}
    for key, begin, end in _ranges(points):
        yield key, {name: column.slice(begin, end - begin) for name, column in columns.items()}


def _points(folder: Path, paths: Mapping[str, str], first: int, last: int) -> Any:
    """The points of these records; None where there are none."""
    if "points" not in paths:
        return None
    import pyarrow.compute as pc

    points = read(folder, paths["points"])
    inside = pc.and_(pc.greater_equal(points["record"], first), pc.less(points["record"], last))
    if not pc.all(inside).as_py():
        points = points.filter(inside)
    return points if len(points) else None


def _ranges(points: Any) -> Iterator[tuple[str, int, int]]:
    """Where the points of each key stand."""
    if points is None:
        return
    import pyarrow as pa
    import pyarrow.compute as pc

    keys = points["key"].combine_chunks()
    runs = pc.run_end_encode(keys.dictionary_decode() if pa.types.is_dictionary(keys.type) else keys)
    begin = 0
    for key, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        yield key, begin, end
        begin = end


def _values(folder: Path, paths: Mapping[str, str], first: int, last: int) -> dict[str, Iterator[Any]]:
    """The values of each key in the order of their records."""
    points = _points(folder, paths, first, last)
    if points is None:
        return {}
    records, values = points["record"].to_pylist(), _plain(points)
    found: dict[str, Iterator[Any]] = {}
    for key, begin, end in _ranges(points):
        own, part = records[begin:end], values[begin:end]
        if len(own) > 1 and own != sorted(own):
            part = [part[place] for place in sorted(range(len(own)), key=own.__getitem__)]
        found[key] = iter(part)
    return found


def _plain(points: Any) -> list[Any]:
    values: list[float] = points["value"].to_pylist()
    kinds = points["kind"].to_pylist()
    if kinds.count(_FLOAT) == len(kinds):
        return values
    return [
        value
        if kind == _FLOAT
        else int(value)
        if kind == _INTEGER
        else value != 0
        if kind == _BOOLEAN
        else _SPELLINGS.get(value, "NaN")
        if kind == _SPELLED
        else orjson.Fragment(text)
        for value, kind, text in zip(values, kinds, points["json"].to_pylist(), strict=True)
    ]


class LogRows:
    """The rows of a segment's log file, a row group at a time.

    :raises StorageError: it is missing or damaged.
    """

    def __init__(self, folder: Path, path: str) -> None:
        self._place = folder / path
        self._file = _open(self._place)
        metadata = self._file.metadata
        self.sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]

    def files(self, group: int) -> list[str]:
        files: list[str] = _damaged(self._place, lambda: self._file.read_row_group(group, ["file"]))["file"].to_pylist()
        return files

    def lines(self, group: int) -> list[bytes]:
        """Without their newlines."""
        import pyarrow as pa

        table = _damaged(self._place, lambda: self._file.read_row_group(group, ["ts", "stream", "text", "raw"]))
        times = table["ts"].cast(pa.int64()).to_pylist()
        rows = zip(times, *(table[name].to_pylist() for name in ("stream", "text", "raw")), strict=True)
        return [_log_line(ts, stream, text) if raw is None else raw for ts, stream, text, raw in rows]


def _log_line(ts: int, stream: str, text: str) -> bytes:
    whole, part = divmod(ts, 1000)
    return f"{strftime('%Y-%m-%dT%H:%M:%S', gmtime(whole))}.{part:03d}Z {stream} | {text}".encode()


def read(folder: Path, path: str) -> Any:
    """One Parquet file of a run as a table.

    :raises StorageError: it is missing or damaged.
    :raises MissingDependency: pyarrow is not installed.
    """
    file = _open(folder / path)
    try:
        return _whole(path, _damaged(folder / path, file.read))
    finally:
        file.close()


def _whole(path: str, table: Any) -> Any:
    """With the columns that were left out since they say nothing: no texts, or nothing but floats."""
    import pyarrow as pa

    values = {
        "records": {"stage": pa.scalar(None, pa.string()), "raw": pa.scalar(None, pa.binary())},
        "points": {"kind": pa.scalar(_FLOAT, pa.int8()), "json": pa.scalar(None, pa.string())},
    }.get(path.split(".")[-2], {})
    for name in values.keys() - set(table.column_names):
        table = table.append_column(name, pa.repeat(values[name], len(table)))
    return table


def read_where(folder: Path, path: str, column: str, wanted: Sequence[str]) -> Any:
    """The row groups of one Parquet file in which a sorted column of texts may hold one of these.

    :raises StorageError: it is missing or damaged.
    :raises MissingDependency: pyarrow is not installed.
    """
    file = _open(folder / path)
    try:
        place = file.schema_arrow.get_field_index(column)
        groups = []
        for group in range(file.metadata.num_row_groups):
            ends = file.metadata.row_group(group).column(place).statistics
            if ends is None or not ends.has_min_max or any(ends.min <= text <= ends.max for text in wanted):
                groups.append(group)
        return _damaged(folder / path, lambda: file.read_row_groups(groups))
    finally:
        file.close()


def nulls_of(folder: Path, path: str, column: str) -> int | None:
    """How many rows of one Parquet file have none of a column; None where its footer does not tell.

    :raises StorageError: it is missing or damaged.
    :raises MissingDependency: pyarrow is not installed.
    """
    file = _open(folder / path)
    try:
        place = file.schema_arrow.get_field_index(column)
        told = [
            file.metadata.row_group(group).column(place).statistics for group in range(file.metadata.num_row_groups)
        ]
        return (
            None if any(one is None or not one.has_null_count for one in told) else sum(one.null_count for one in told)
        )
    finally:
        file.close()


def _open(place: Path) -> Any:
    try:
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingDependency("reading a sealed run", "pyarrow") from error
    return _damaged(place, lambda: pq.ParquetFile(place, page_checksum_verification=True, memory_map=False))


def _damaged(place: Path, act: Any) -> Any:
    import pyarrow as pa

    try:
        return act()
    except FileNotFoundError as error:
        raise StorageError("reading", str(place), "the segment is missing; put it back from a copy") from error
    except pa.ArrowNotImplementedError as error:  # it names the codec
        reason = f"this build of pyarrow lacks something ({error}); pip install pyarrow brings one that has it"
        raise StorageError("reading", str(place), reason) from error
    except (OSError, pa.ArrowException) as error:
        raise StorageError("reading", str(place), "the Parquet file is damaged; put it back from a copy") from error
