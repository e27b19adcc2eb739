"""Tables of other tools as Parquet, which is what tables are here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from itertools import repeat
from typing import TYPE_CHECKING, Any

from attrs import frozen
from runicorn.contracts.media import MEDIA_CELL, MEDIA_COLUMN
from runicorn.errors import MissingDependency
from runicorn.serialize import dumps

if TYPE_CHECKING:
    from runicorn.types import JSON

_GROUP_ROWS = 10_000  # of one row group: what the viewer reads for a page


@frozen
class MediaCell:
    """A medium in a cell."""

    kind: str
    path: str  # of a file of the run
    caption: str | None
    fields: Mapping[str, JSON]


def parquet(columns: Sequence[object], rows: Sequence[Sequence[object]]) -> tuple[bytes, dict[str, JSON]]:
    """The file, and the fields of its record. A column of several kinds of values becomes text.

    :raises MissingDependency: pyarrow is not installed.
    :raises ValueError: a row has more or fewer cells than there are columns.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingDependency("importing tables", "'runicorn-exporters[parquet]'") from error
    names = _apart(map(str, columns))
    cells = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in names]
    if len(cells) != len(names):
        raise ValueError(f"{len(names)} columns and {len(cells)} cells in a row")
    arrays = [_media(pa, column) if _holds_media(column) else _array(pa, column) for column in cells]
    marks = [MEDIA_COLUMN if _holds_media(column) else None for column in cells]
    described = [pa.field(*of) for of in zip(names, (array.type for array in arrays), repeat(True), marks)]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(described))
    file = BytesIO()
    pq.write_table(table, file, compression="zstd", row_group_size=_GROUP_ROWS)
    columns_of: list[JSON] = [
        {"name": column.name, "type": "media" if column.metadata else str(column.type)} for column in table.schema
    ]
    return file.getvalue(), {"rows": table.num_rows, "columns": columns_of}


def _holds_media(values: Iterable[object]) -> bool:
    return any(type(value) is MediaCell for value in values)


def _media(pa: Any, values: Sequence[object]) -> Any:
    """The column of structs that media in cells are; of anything else the text is the caption."""
    cells = [
        None
        if value is None
        else {"kind": value.kind, "path": value.path, "caption": value.caption, "fields": dumps(value.fields).decode()}
        if isinstance(value, MediaCell)
        else {"caption": _text(value)}
        for value in values
    ]
    return pa.array(cells, pa.struct([(name, pa.string()) for name in MEDIA_CELL]))


def _array(pa: Any, values: Sequence[object]) -> Any:
    plain = [value if value is None or isinstance(value, (bool, int, float, str)) else _text(value) for value in values]
    try:
        return pa.array(plain)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if value is None else _text(value) for value in plain])


def _text(value: object) -> str:
    return value if isinstance(value, str) else dumps(value).decode()


def _apart(names: Iterable[str]) -> list[str]:
    """Names that are there once, as a file of columns needs them."""
    found: dict[str, None] = {}
    for name in names:
        other, count = name, 1
        while other in found:
            count += 1
            other = f"{name} ({count})"
        found[other] = None
    return list(found)
