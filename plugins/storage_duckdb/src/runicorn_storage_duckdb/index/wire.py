"""How two processes talk about one index: a head as JSON, and what a statement gave as an Arrow stream.

Rows come in parts; whose head says ``more`` is not the last one.

Nothing here can carry code; what comes in is numbers, texts and lists of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from .parts import Array
    from .tracking import Tracked

#: Processes that speak another one leave each other alone.
PROTOCOL = 2
#: What a state of a run is, without the place up to which it was read.
_STATE = ("id", "records", "bare", "low_step", "high_step", "low_ts", "high_ts")


def send(connection: Connection[Any, Any], head: Mapping[str, Any], table: pa.Table | None = None) -> None:
    told = {**head, "table": table is not None}
    connection.send_bytes(json.dumps(told, default=_simple).encode())  # NaN and infinities as they are
    if table is not None:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        connection.send_bytes(sink.getvalue())


def _simple(value: Any) -> Any:
    """Numbers of numpy as numbers; moments and the like as their texts, which DuckDB reads."""
    return value.item() if isinstance(value, np.generic) else str(value)


def receive(connection: Connection[Any, Any], patience_s: float | None = None) -> tuple[dict[str, Any], pa.Table]:
    """
    :raises OSError: the other end is gone, or says nothing for so long.
    """
    head = json.loads(_message(connection, patience_s))
    if not head.pop("table", False):
        return head, pa.table({})
    return head, pa.ipc.open_stream(_message(connection, patience_s)).read_all()


def _message(connection: Connection[Any, Any], patience_s: float | None) -> bytes:
    if patience_s is not None and not connection.poll(patience_s):
        raise TimeoutError(f"no answer in {patience_s:g} s")
    try:
        return connection.recv_bytes()
    except EOFError as error:
        raise ConnectionResetError("the owner of the index is gone") from error


# --- Rows


def rows_of(table: pa.Table) -> list[tuple[Any, ...]]:
    """What ``fetchall`` gives."""
    return list(zip(*([_plain(cell) for cell in column.to_pylist()] for column in table.columns), strict=True))


def _plain(cell: Any) -> Any:
    """Sums of whole numbers are wider than 64 bits in DuckDB."""
    return int(cell) if isinstance(cell, Decimal) else cell


def as_table(columns: Mapping[str, Array]) -> pa.Table:
    """What ``fetchnumpy`` gave."""
    return pa.table(
        {
            name: pa.array(column.data, mask=np.ma.getmaskarray(column))
            if isinstance(column, np.ma.MaskedArray)
            else pa.array(column)
            for name, column in columns.items()
        }
    )


def as_numpy(table: pa.Table) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        whole = column.combine_chunks()
        values = (whole.fill_null(0) if whole.null_count else whole).to_numpy(zero_copy_only=False)
        found[name] = np.ma.MaskedArray(values, whole.is_null().to_numpy(False)) if whole.null_count else values
    return found


# --- Runs


def state_of(run: Tracked) -> list[Any]:
    return [getattr(run, name) for name in _STATE]


def run_of(state: Sequence[Any]) -> Tracked:
    from .tracking import Tracked

    run = Tracked(state[0])
    for name, value in zip(_STATE, state, strict=True):
        setattr(run, name, value)
    return run
