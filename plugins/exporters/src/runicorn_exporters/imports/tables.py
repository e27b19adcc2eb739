"""Tables of other tools as Parquet, which is what tables are here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from runicorn.errors import MissingDependency
from runicorn.serialize import dumps

if TYPE_CHECKING:
    from runicorn.types import JSON

_GROUP_ROWS = 10_000  # of one row group: what the viewer reads for a page


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
    arrays = [_array(pa, column) for column in cells]
    table = pa.Table.from_arrays(arrays, names=names)
    file = BytesIO()
    pq.write_table(table, file, compression="zstd", row_group_size=_GROUP_ROWS)
    described: list[JSON] = [{"name": column.name, "type": str(column.type)} for column in table.schema]
    return file.getvalue(), {"rows": table.num_rows, "columns": described}


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
