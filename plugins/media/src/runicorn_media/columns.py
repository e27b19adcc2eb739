"""Columns of Arrow as sorting, searching and CSV need them: Arrow does none of that with some of its types."""

from __future__ import annotations

from typing import Any

from .cells import said


def orderly(column: Any) -> Any:
    """The same values in a type that can be sorted and written as text: what has parts becomes JSON."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        return orderly(column.cast(kind.value_type))
    if pa.types.is_float16(kind):
        return column.cast(pa.float32())
    if pa.types.is_decimal(kind) and kind.bit_width < 128:
        return column.cast(pa.decimal128(kind.precision, kind.scale))
    if pa.types.is_nested(kind) or isinstance(kind, pa.BaseExtensionType):
        texts = [None if value is None else said(value) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.large_string())])
    return _without_views(column)


def movable(table: Any) -> Any:
    """The same table in types whose rows can be chosen and put in another order."""
    for place, field in enumerate(table.schema):
        column = table.column(place)
        other = _without_views(column)
        if other is not column:
            table = table.set_column(place, field.name, other)
    return table


def written(table: Any) -> Any:
    """The same table in types that CSV takes; bytes that are no text become hexadecimal digits."""
    import pyarrow as pa

    columns = []
    for column in map(orderly, table.columns):
        if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            try:
                columns.append(column.cast(pa.large_string()))
            except pa.ArrowInvalid:
                digits = [None if value is None else value.hex() for value in column.to_pylist()]
                columns.append(pa.array(digits, pa.large_string()))
        else:
            columns.append(column)
    return pa.table(columns, names=table.column_names)


def _without_views(column: Any) -> Any:
    import pyarrow as pa

    kinds = {"string_view": pa.large_string(), "binary_view": pa.large_binary()}
    wanted = kinds.get(str(column.type))
    return column if wanted is None else column.cast(wanted)
