"""The numbers of one run from the index, a stretch of time after the other."""

# ruff: noqa: S608 (numbers of our own; everything else is a parameter)
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from runicorn.model.metric import KeyColumn, RecordTable

from .index import Unavailable
from .pairs import listed

if TYPE_CHECKING:
    from runicorn.model.run import RunRef

    from .looking import LookCursor, LookIndex
    from .parts import Array

#: Values of a stretch, roughly.
_VALUES = 1 << 18
#: Where processes ran beside each other, or times are all the same, it can be more; beyond this the files are read.
_MOST = 1 << 23
#: Lines of one file that are counted together.
_LINES = 16


def pieces(index: LookIndex, ref: RunRef, keys: Sequence[str] | None) -> Iterator[RecordTable]:
    """See ``PieceReader``.

    :raises Unavailable: the files have to answer, from the first piece on. Nothing is raised before one is asked for.
    """
    with index.fresh([ref]) as known, index.database.reading() as cursor:
        run = known[ref.folder].id
        names = _names(cursor, run, keys)
        if not names:
            return
        where = f"run = {run}" + ("" if keys is None else f" and key in ({listed(names)})")
        staged, bounds = _stretches(cursor, where)
        columns = "key, rec, step, ts, value" + (", stage" if staged else "")
        for begin, end in bounds:
            values = [begin] if end is None else [begin, end]
            inside = "ts >= ?" if end is None else "ts >= ? and ts < ?"
            rows = cursor.execute(f"select {columns} from points where {where} and {inside}", values).fetchnumpy()
            if len(rows["key"]):
                yield _table(ref, names, {name: _plain(column) for name, column in rows.items()})


def _names(cursor: LookCursor, run: int, keys: Sequence[str] | None) -> dict[int, str]:
    rows = cursor.execute(
        "select k.id, k.name from keys k where k.id in (select key from series where run = ?)", [run]
    ).fetchall()
    return {number: name for number, name in rows if keys is None or name in keys}


def _stretches(cursor: LookCursor, where: str) -> tuple[bool, list[tuple[float, float | None]]]:
    """Whether records have stages; and the times from which on, and before which, about as many values lie."""
    rows = cursor.execute(
        f"select min(ts), max(ts), count(*), count(stage) from points where {where} group by rec >> {_LINES} order by 1"
    ).fetchall()
    begins: list[float] = []
    size = _VALUES
    for first, _, count, _ in rows:
        if size >= _VALUES and (not begins or first > begins[-1]):
            begins.append(first)
            size = 0
        size += count
    bounds: list[tuple[float, float | None]] = list(zip(begins, [*begins[1:], None], strict=True))
    for begin, end in bounds:
        if sum(count for first, last, count, _ in rows if last >= begin and (end is None or first < end)) > _MOST:
            raise Unavailable("too much at one time")
    return any(count for *_, count in rows), bounds


def _table(ref: RunRef, names: Mapping[int, str], rows: Mapping[str, Array]) -> RecordTable:
    key, rec = rows["key"], rows["rec"]
    parts: dict[int, list[slice]] = {}
    edges = [0, *(np.flatnonzero(key[1:] != key[:-1]) + 1).tolist(), len(key)]
    for begin, end in pairwise(edges):
        parts.setdefault(int(key[begin]), []).append(slice(begin, end))
    groups: list[tuple[Array, dict[str, Array], dict[int, Array]]] = []  # keys that stand in the same records
    for number, slices in parts.items():
        own, values = _joined(rec, slices), _joined(rows["value"], slices)
        if (own[1:] <= own[:-1]).any():
            order = np.argsort(own)
            own, values = own[order], values[order]
        else:
            order = None
        group = next((each for each in groups if np.array_equal(each[0], own)), None)
        if group is None:
            group = own, {}, {}
            for name in rows.keys() & {"step", "ts", "stage"}:
                column = _joined(rows[name], slices)
                group[1][name] = column if order is None else column[order]
            groups.append(group)
        group[2][number] = values
    return _aligned(ref, names, groups)


def _aligned(
    ref: RunRef, names: Mapping[int, str], groups: Sequence[tuple[Array, dict[str, Array], dict[int, Array]]]
) -> RecordTable:
    """All records in the order of (ts, rec), and where those of each group stand among them."""
    if len(groups) == 1:
        records, about = groups[0][0], groups[0][1]
    else:
        records = np.unique(np.concatenate([own for own, _, _ in groups]))
        about = {name: np.empty(len(records), column.dtype) for name, column in groups[0][1].items()}
        for own, columns, _ in groups:
            at = np.searchsorted(records, own)
            for name, column in columns.items():
                about[name][at] = column
    place: Array | None = None
    if (about["ts"][1:] < about["ts"][:-1]).any():
        order = np.lexsort((records, about["ts"]))
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        about = {name: column[order] for name, column in about.items()}
    found: dict[str, KeyColumn] = {}
    for own, _, keys in groups:
        whole = len(own) == len(records)
        rows = np.searchsorted(records, own) if not whole else np.arange(len(own)) if place is not None else None
        if rows is not None and place is not None:
            rows = place[rows]
            order = np.argsort(rows)
            rows, keys = rows[order], {number: values[order] for number, values in keys.items()}
        for number, values in keys.items():
            found[names[number]] = KeyColumn(values, None if whole else rows)
    stage = about["stage"].tolist() if "stage" in about else []
    return RecordTable(ref, about["step"], about["ts"], stage, found, {})


def _plain(column: Any) -> Array:
    """Without the mask of columns that may be NULL; of them, only stages are."""
    if not np.ma.isMaskedArray(column):
        found: Array = column
        return found
    plain: Array = column.filled(0)
    if column.dtype == object:
        plain[np.ma.getmaskarray(column)] = None
    return plain


def _joined(column: Array, slices: Sequence[slice]) -> Array:
    return column[slices[0]] if len(slices) == 1 else np.concatenate([column[part] for part in slices])
