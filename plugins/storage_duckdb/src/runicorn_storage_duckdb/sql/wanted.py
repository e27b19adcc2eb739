"""Which runs' files a statement needs: what DuckDB itself would look for in a table of all of them."""

# ruff: noqa: S608 (what is put together are our own names)
from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import duckdb

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: (``run`` or ``folder``, what it is equal to).
Wanted: TypeAlias = frozenset[tuple[str, str]]
_EQUAL = re.compile(r"\((run|folder) = '((?:[^']|'')*)'\)")


def wanted_runs(
    cursor: DuckDBPyConnection, name: str, columns: str, main: str, statement: str, parameters: Sequence[object]
) -> Wanted | None:
    """The runs to which a statement limits every look into a table; None where it does not.

    :param name: a table that is empty, and is again afterwards.
    :param columns: its columns, the run's id and folder first.
    """
    others = [column.split()[1] for column in columns.split(", ")][2:]
    low, high = (", ".join(_end(kind, high=high) for kind in others) for high in (False, True))
    cursor.execute(f"insert into {name} select run, folder, {low} from {main}.runs")
    cursor.execute(f"insert into {name} values ('', '', {low}), (chr(1114111), chr(1114111), {high})")
    try:
        rows = cursor.execute(f"explain (format json) {statement}", list(parameters)).fetchall()
        scans = [filters for table, filters in _scans(json.loads(rows[-1][1])) if table.endswith(f".{name}")]
    except (duckdb.Error, ValueError):
        return None  # it fails, and will say why when it is run; or it is none that can be explained
    finally:
        cursor.execute(f"delete from {name}")
    found = [_run_of(filters) for filters in scans]
    # A look that DuckDB answers without looking (a count of all rows) is in no plan.
    every = len(found) >= len(re.findall(rf"\b{name}\b", statement, re.IGNORECASE))
    return frozenset(one for one in found if one) if every and all(found) else None


def _end(kind: str, *, high: bool) -> str:
    return {
        "varchar": "chr(1114111)" if high else "''",
        "bigint": f"{'' if high else '-'}{2**62}",
        "double": f"'{'' if high else '-'}inf'::double",
    }[kind]


def _scans(node: Any) -> Iterator[tuple[str, list[str]]]:
    """The table and the filters of each look into a table."""
    for one in node if isinstance(node, list) else [node]:
        told = one.get("extra_info", {})
        if "Table" in told:
            filters = told.get("Filters") or []
            yield told["Table"], [filters] if isinstance(filters, str) else filters
        yield from _scans(one.get("children", []))


def _run_of(filters: Sequence[str]) -> tuple[str, str] | None:
    """Filters hold together: one that names a run is enough."""
    for text in filters:
        match = _EQUAL.fullmatch(text)
        if match:
            return match[1], match[2].replace("''", "'")
    return None
