"""Parquet: the numbers that were logged, for pandas, polars, DuckDB, Spark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from attrs import frozen
from runicorn.errors import MissingDependency

from .counted import Counted
from .csv_format import numeric_keys

if TYPE_CHECKING:
    from runicorn.contracts import ExportReader
    from runicorn.model.metric import KeyColumn, RecordTable


@frozen
class ParquetOptions:
    """What can be chosen."""

    layout: Literal["long", "wide"] = "long"  # one row for each value, or one for each log() call
    keys: tuple[str, ...] = ()  # none: all


class ParquetExporter:
    """Columns are named as everywhere in Runicorn: run, key, step, ts, stage, value. Values are float64, exactly."""

    name = "parquet"
    suffix = ".parquet"
    media_type = "application/vnd.apache.parquet"
    options = ParquetOptions

    def export(self, reader: ExportReader, out: BinaryIO, options: ParquetOptions) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError as error:
            raise MissingDependency("exporting Parquet", "'runicorn-exporters[parquet]'") from error
        tables = chain.from_iterable(reader.pieces(options.keys or None))
        if options.layout == "long":
            schema, batches = _LONG(pa), _long(pa, tables)
        else:
            keys = numeric_keys(reader, options.keys)
            schema, batches = _wide_schema(pa, keys), _wide(pa, tables, keys)
        # Numbers as they are: looking for repeated ones takes more than half of the time and makes the file larger.
        texts = [field.name for field in schema if pa.types.is_dictionary(field.type)]
        with pq.ParquetWriter(Counted(out), schema, compression="zstd", use_dictionary=texts) as writer:
            for batch in batches:
                writer.write_table(batch)


def _LONG(pa: Any) -> Any:  # noqa: N802 (a constant that needs the library)
    return pa.schema(
        [
            ("run", pa.dictionary(pa.int32(), pa.string())),
            ("key", pa.dictionary(pa.int32(), pa.string())),
            ("step", pa.int64()),
            ("ts", pa.float64()),
            ("stage", pa.dictionary(pa.int32(), pa.string())),
            ("value", pa.float64()),
        ]
    )


def _long(pa: Any, tables: Iterable[RecordTable]) -> Iterator[Any]:
    """One piece for each key of each run (a long run: of each part), so that a reader of one key skips the others."""
    import numpy as np

    schema = _LONG(pa)
    for table in tables:
        step, ts = np.asarray(table.step), np.asarray(table.ts)
        for key, column in sorted(table.columns.items()):
            rows = _rows(column)
            values = np.asarray(column.values)
            count = len(values)
            columns = [
                _same(pa, table.ref.id, count),
                _same(pa, key, count),
                pa.array(step if rows is None else step[rows]),
                pa.array(ts if rows is None else ts[rows]),
                _stages(pa, table, rows, count),
                pa.array(values),
            ]
            yield pa.Table.from_arrays(columns, schema=schema)


def _wide_schema(pa: Any, keys: Sequence[str]) -> Any:
    head = [field for field in _LONG(pa) if field.name not in ("key", "value")]
    return pa.schema([*head, *((key if key not in _HEADS else f"{key}.value", pa.float64()) for key in keys)])


_HEADS = frozenset(["run", "step", "ts", "stage"])


def _wide(pa: Any, tables: Iterable[RecordTable], keys: Sequence[str]) -> Iterator[Any]:
    import numpy as np

    schema = _wide_schema(pa, keys)
    for table in tables:
        count = len(table.step)
        columns = [
            _same(pa, table.ref.id, count),
            pa.array(np.asarray(table.step)),
            pa.array(np.asarray(table.ts)),
            _stages(pa, table, None, count),
            *(_spread(pa, table.columns.get(key), count) for key in keys),
        ]
        batch = pa.Table.from_arrays(columns, schema=schema)
        numbered = _numbered(table, keys)
        yield batch if numbered is None else batch.filter(pa.array(numbered))


def _spread(pa: Any, column: KeyColumn | None, count: int) -> Any:
    """The values of a key, null in records that have none."""
    import numpy as np

    if column is None:
        return pa.nulls(count, pa.float64())
    values, rows = np.asarray(column.values), _rows(column)
    if rows is None:
        return pa.array(values)
    spread, none = np.zeros(count), np.ones(count, bool)
    spread[rows], none[rows] = values, False
    return pa.array(spread, mask=none)


def _numbered(table: RecordTable, keys: Sequence[str]) -> Any:
    """Which records have one of the keys; None for all of them."""
    import numpy as np

    columns = [table.columns[key] for key in keys if key in table.columns]
    if any(column.rows is None for column in columns):
        return None
    found = np.zeros(len(table.step), bool)
    for column in columns:
        found[_rows(column)] = True
    return found


def _rows(column: KeyColumn) -> Any:
    import numpy as np

    return None if column.rows is None else np.asarray(column.rows)


def _same(pa: Any, text: str, count: int) -> Any:
    """One text for every row, stored once."""
    import numpy as np

    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([text], pa.string()))


def _stages(pa: Any, table: RecordTable, rows: Any, count: int) -> Any:
    kind = pa.dictionary(pa.int32(), pa.string())
    if not len(table.stage):
        return pa.nulls(count, kind)
    found = table.stage if rows is None else [table.stage[row] for row in rows]
    return pa.array(found, pa.string()).dictionary_encode().cast(kind)
