"""The numbers of one run from the index, a stretch of time after the other."""

# ruff: noqa: S608 (numbers of our own; everything else is a parameter)
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from runicorn.model.metric import KeyColumn, RecordTable

from .index import Unavailable
from .pairs import listed

if TYPE_CHECKING:
    from runicorn.model.run import RunRef

    from .looking import LookCursor, LookIndex
    from .parts import Array

#: Keys that stand in the same records: the records, and the values of each key.
Group: TypeAlias = "tuple[Array, dict[int, Array]]"
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
        about = "rec, step, ts" + (", stage" if staged else "")
        for begin, end in bounds:
            values = [begin] if end is None else [begin, end]
            inside = f"{where} and ts >= ?" + ("" if end is None else " and ts < ?")
            rows = cursor.execute(f"select key, rec, value from points where {inside}", values).fetchnumpy()
            groups = _groups({name: _plain(column) for name, column in rows.items()})
            if not groups:
                continue
            # What all keys of a record have alike is read once.
            records = f"select {about} from points where {inside} and key = {next(iter(groups[0][1]))}"
            if len(groups) > 1:
                records = f"select distinct {about} from points where {inside}"
            found = cursor.execute(records, values).fetchnumpy()
            yield _table(ref, names, {name: _plain(column) for name, column in found.items()}, groups)


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


def _groups(rows: Mapping[str, Array]) -> list[Group]:
    key, rec = rows["key"], rows["rec"]
    parts: dict[int, list[slice]] = {}
    edges = [0, *(np.flatnonzero(key[1:] != key[:-1]) + 1).tolist(), len(key)]
    for begin, end in pairwise(edges):
        if begin < end:
            parts.setdefault(int(key[begin]), []).append(slice(begin, end))
    groups: list[Group] = []
    for number, slices in parts.items():
        own, values = _joined(rec, slices), _joined(rows["value"], slices)
        if (own[1:] <= own[:-1]).any():
            order = np.argsort(own)
            own, values = own[order], values[order]
        group = next((each for each in groups if np.array_equal(each[0], own)), None)
        if group is None:
            groups.append((own, {number: values}))
        else:
            group[1][number] = values
    return groups


def _table(ref: RunRef, names: Mapping[int, str], about: Mapping[str, Array], groups: Sequence[Group]) -> RecordTable:
    """All records in the order of (ts, rec), and where those of each group stand among them."""
    rec, ts = about["rec"], about["ts"]
    in_order = bool((rec[1:] > rec[:-1]).all() and (ts[1:] >= ts[:-1]).all())
    if not in_order:
        order = np.lexsort((rec, ts))
        about = {name: column[order] for name, column in about.items()}
        by_rec = np.argsort(about["rec"])
    found: dict[str, KeyColumn] = {}
    for own, keys in groups:
        whole = len(own) == len(rec)
        if in_order:
            rows = None if whole else np.searchsorted(rec, own)
        else:
            rows = by_rec[np.searchsorted(about["rec"], own, sorter=by_rec)]
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
