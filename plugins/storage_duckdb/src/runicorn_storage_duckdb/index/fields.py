"""Which params, summary values and metrics runs have."""

# ruff: noqa: S608 (names of our own; every value is a parameter)
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from runicorn.model.query import Field, FieldInfo, FieldKind, ValueType

if TYPE_CHECKING:
    from .looking import LookCursor, LookIndex

_EXAMPLES = 5
_EXAMPLE_LENGTH = 80


def known_fields(index: LookIndex, project: str | None, name: str | None) -> Sequence[FieldInfo]:
    """See ``QueryStore.known_fields``.

    :raises Unavailable: the files have to answer.
    """
    with index.guarded():
        index.following.refresh()
    where, values = "not deleted", list[object]()
    for column, wanted in (("project", project), ("name", name)):
        if wanted is not None:
            where += f" and {column} = ?"
            values.append(wanted)
    with index.guarded(), index.database.reading() as cursor:
        cursor.execute(f"create or replace temp table asked as select id as run from runs where {where}", values)
        found = [
            *_metrics(cursor),
            *_values(cursor, "params", "params"),
            *_values(cursor, "summary", "summaries"),
        ]
    return sorted(found, key=lambda info: (info.field.kind, info.field.key))


def _metrics(cursor: LookCursor) -> list[FieldInfo]:
    rows = cursor.execute(
        "select key, count(*), min(last) filter (isfinite(last)), max(last) filter (isfinite(last))"
        " from named_series semi join asked using (run) group by key"
    ).fetchall()
    return [FieldInfo(Field("metrics", key, "last"), "number", runs, _ends(low, high)) for key, runs, low, high in rows]


def _values(cursor: LookCursor, kind: FieldKind, table: str) -> list[FieldInfo]:
    numbered = "number is not null and value not in ('true', 'false')"
    texts: dict[str, list[str]] = {}
    for key, value in cursor.execute(
        f"select key, value from (select key, value, row_number() over"
        f" (partition by key order by count(*) desc, value) as place from {table} semi join asked using (run)"
        f" where value is not null and not ({numbered}) group by key, value)"
        f" where place <= {_EXAMPLES} order by key, place"
    ).fetchall():
        texts.setdefault(key, []).append(value[:_EXAMPLE_LENGTH])
    rows = cursor.execute(
        f"select key, count(*), count(*) filter ({numbered}), min(number) filter ({numbered} and isfinite(number)),"
        f" max(number) filter ({numbered} and isfinite(number)) from {table} semi join asked using (run) group by key"
    ).fetchall()
    found = []
    for key, runs, numbers, low, high in rows:
        words = texts.get(key, [])
        kind_of: ValueType = "number" if numbers and not words else "text" if words and not numbers else "any"
        ends = _ends(low, high)
        found.append(FieldInfo(Field(kind, key), kind_of, runs, (*ends, *words[: _EXAMPLES - len(ends)])))
    return found


def _ends(low: float | None, high: float | None) -> tuple[object, ...]:
    return () if low is None else (low,) if low == high else (low, high)
