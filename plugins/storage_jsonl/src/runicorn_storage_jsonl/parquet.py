"""Segments as the lines that they were made of. pyarrow is imported when the first one is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    values = {key: iter(_in_order(part)) for key, part in parts(folder, paths, begin, begin + len(records))}
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
    if "points" not in paths:
        return
    import pyarrow as pa
    import pyarrow.compute as pc

    points = read(folder, paths["points"])
    inside = pc.and_(pc.greater_equal(points["record"], first), pc.less(points["record"], last))
    if not pc.all(inside).as_py():
        points = points.filter(inside)
    columns = {name: points[name].combine_chunks() for name in ("record", "value", "kind", "json")}
    keys = points["key"].combine_chunks()
    if not len(keys):
        return
    runs = pc.run_end_encode(keys.dictionary_decode() if pa.types.is_dictionary(keys.type) else keys)
    begin = 0
    for key, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        yield key, {name: column.slice(begin, end - begin) for name, column in columns.items()}
        begin = end


def _in_order(part: Mapping[str, Any]) -> list[Any]:
    """The values of one key, in the order of their records."""
    records = part["record"].to_pylist()
    values = _plain(part)
    if records != sorted(records):
        return [values[place] for place in sorted(range(len(records)), key=records.__getitem__)]
    return values


def _plain(part: Mapping[str, Any]) -> list[Any]:
    values: list[float] = part["value"].to_pylist()
    kinds = part["kind"].to_pylist()
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
        for value, kind, text in zip(values, kinds, part["json"].to_pylist(), strict=True)
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
        return _damaged(folder / path, file.read)
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
    except (OSError, pa.ArrowException) as error:
        raise StorageError("reading", str(place), "the Parquet file is damaged; put it back from a copy") from error
