"""Rows of a statement as Arrow, while DuckDB finds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

_ROWS = 1 << 16
#: What goes wrong after the first rows is told by Arrow, in DuckDB's words; whoever asked tells these from the others.
_KINDS = {"INTERRUPT Error": duckdb.InterruptException, "Out of Memory Error": duckdb.OutOfMemoryException}


def batches(relation: DuckDBPyRelation) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The columns, and the rows as they are found.

    :raises duckdb.Error: the statement fails; from the iterator, too.
    """
    reader = relation.to_arrow_reader(_ROWS)
    return reader.schema, _batches(reader)


def _batches(reader: Any) -> Iterator[pa.RecordBatch]:
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except (OSError, pa.ArrowException) as error:
            message = str(error)
            raise _KINDS.get(message.partition(":")[0], duckdb.Error)(message) from error
        yield batch
