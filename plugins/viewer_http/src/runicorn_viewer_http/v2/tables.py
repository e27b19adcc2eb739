"""Lists of runs as Arrow streams. pyarrow is imported by whoever asks for one (100 ms, 40 MB)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import pyarrow as pa
from runicorn.filters import Group, as_list, name_of
from runicorn.model.query import Field, RunPage

from ..asgi.json import encode

_TEXT = pa.dictionary(pa.int32(), pa.string())


def runs_table(page: RunPage, head: Mapping[str, Any]) -> bytes:
    """A page: ``run``, ``path``, then its columns; texts as dictionaries."""
    columns: dict[str, Any] = {
        "run": pa.array([ref.id for ref in page.refs], pa.string()),
        "path": pa.array([ref.folder for ref in page.refs], pa.string()),
    }
    for name, values in page.columns.items():
        columns.setdefault(name, values if isinstance(values, (pa.Array, pa.ChunkedArray)) else column_of(values))
    return stream(columns, head)


def groups_table(
    groups: Sequence[Group], by: Sequence[str], columns: Sequence[Field], head: Mapping[str, Any]
) -> bytes:
    """Groups: their values, ``runs``, and ``<column>:mean``, ``:std``, ``:min``, ``:max``, ``:n`` of numbers."""
    made: dict[str, Any] = {}
    for place, name in enumerate(by):
        made[name] = column_of([group.values[place] for group in groups])
    made["runs"] = pa.array([len(group.refs) for group in groups], pa.int64())
    for name in map(name_of, columns):
        spreads = [group.spreads.get(name) for group in groups]
        if any(spreads):
            for part in ("mean", "std", "min", "max", "n"):
                made[f"{name}:{part}"] = pa.array([s and getattr(s, part) for s in spreads], pa.float64())
    return stream(made, head)


def column_of(values: Sequence[object]) -> Any:
    """A column of a type that holds all of its values: numbers, flags, lists of tags, else texts in a dictionary."""
    plain = as_list(values)
    kinds = {type(value) for value in plain if value is not None}
    if kinds <= {float, int} and kinds:
        return pa.array(plain, pa.float64())
    if kinds == {bool}:
        return pa.array(plain, pa.bool_())
    if kinds == {tuple}:
        return pa.array([None if value is None else list(value) for value in plain], pa.list_(pa.string()))  # type: ignore[arg-type]  # tuples all of them
    texts = [None if value is None else _text(value) for value in plain]
    return pa.array(texts, pa.string()).dictionary_encode()


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    return f"{value:.17g}" if isinstance(value, float) else str(value)


def stream(columns: Mapping[str, Any], head: Mapping[str, Any], cuts: Sequence[int] = ()) -> bytes:
    """One Arrow stream; ``head`` is JSON under ``runicorn`` in the schema's metadata.

    :param cuts: rows, ascending, with which a record batch begins; none: there is one batch.
    """
    table = pa.table(dict(columns)).replace_schema_metadata({"runicorn": encode(head)}).combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        for begin, end in pairwise((0, *cuts, len(table))):
            writer.write_table(table.slice(begin, end - begin))
    made: bytes = sink.getvalue().to_pybytes()
    return made


def as_parquet(made: bytes) -> bytes:
    """An Arrow stream of ours as a Parquet file."""
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.ipc.open_stream(made).read_all(), sink, compression="zstd")
    file: bytes = sink.getvalue().to_pybytes()
    return file
