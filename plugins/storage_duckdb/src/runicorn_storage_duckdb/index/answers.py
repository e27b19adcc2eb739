"""What stands beside the buckets in an answer, and the answer's columns."""

# ruff: noqa: S608 (numbers and names of our own)
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .looking import LookCursor
    from .parts import Array, Part
    from .tracking import Tracked

_FLOATS = ("x_first", "x_last", "first", "min", "max", "last", "mean", "ts_first")
_INTS = ("bucket", "step_first", "n", "n_nan", "n_posinf", "n_neginf")


def records_between(cursor: LookCursor, run: Tracked, column: str, low: float, high: float) -> int:
    """``log()`` calls of a run whose x is within bounds.

    :param column: x, as SQL over ``points``.
    """
    full = cursor.execute("select key from series where run = ? and n = ? limit 1", [run.id, run.records]).fetchall()
    counted, key = ("count(*)", f" and key = {full[0][0]}") if full else ("count(distinct rec)", "")
    rows = cursor.execute(
        f"select {counted} from points where run = ?{key} and {column} between ? and ?", [run.id, low, high]
    ).fetchall()
    return int(rows[0][0])


def answer(part: Part | None, places: Array) -> dict[str, Any]:
    """The columns of a ``BucketTable``.

    :param places: the place of the key of each row.
    """
    if part is None:
        empty: dict[str, Any] = {name: np.empty(0, np.float64) for name in _FLOATS}
        empty |= {name: np.empty(0, np.int64) for name in _INTS}
        return {"run": np.empty(0, np.int32), "key": np.empty(0, np.int32), **empty}
    order = np.lexsort((part["bucket"], places, part["run"]))
    columns: dict[str, Any] = {"run": part["run"][order].astype(np.int32), "key": places[order].astype(np.int32)}
    columns |= {name: part[name][order].astype(np.float64, copy=False) for name in _FLOATS}
    columns |= {name: part[name][order].astype(np.int64, copy=False) for name in _INTS}
    without = columns["n"] == 0
    for name in ("min", "max", "mean"):
        columns[name][without] = np.nan
    return columns
