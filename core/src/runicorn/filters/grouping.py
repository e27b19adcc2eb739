"""Runs in groups: one row for each combination of values, with the spread of every number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from ..model.query import Field, RunQuery
from ..model.run import RunRef
from .facts import Cell
from .fields import name_of
from .reading import query_runs

if TYPE_CHECKING:
    from ..contracts import Store


@frozen
class Spread:
    """A number over the runs of a group; ``std`` is the sample's, None for a single run."""

    mean: float
    std: float | None
    min: float
    max: float
    n: int


@frozen
class Group:
    values: tuple[Cell, ...]  # of the fields that it was grouped by
    refs: Sequence[RunRef]  # in the order of the query
    spreads: Mapping[str, Spread]  # of each column with finite numbers
    texts: Mapping[str, Mapping[str, int]]  # of the others: value -> how many runs, at most 20 of them


@frozen
class Groups:
    """In the order in which the query first meets them."""

    groups: Sequence[Group]
    total: int  # runs
    partial: bool
    indexed: int | None


_TEXTS = 20


def group_runs(store: Store, query: RunQuery, by: Sequence[Field], *, budget_s: float | None = None) -> Groups:
    """All runs that a query means, in groups; its page is not looked at."""
    columns = tuple(dict.fromkeys((*by, *query.columns)))
    page = query_runs(store, evolve(query, columns=columns, offset=0, limit=None), budget_s=budget_s)
    cells = {name: as_list(column) for name, column in page.columns.items()}
    rows: dict[tuple[Cell, ...], list[int]] = {}
    keys = [cells[name_of(field)] for field in by]
    for row, values in enumerate(zip(*keys, strict=True) if keys else [()] * len(page.refs)):
        rows.setdefault(values, []).append(row)
    shown = [name_of(field) for field in query.columns]
    held = {name: cells[name] for name in shown}
    groups = [_group(values, members, page.refs, held) for values, members in rows.items()]
    return Groups(groups, page.total, page.partial, page.indexed)


def as_list(column: Sequence[object]) -> list[Cell]:
    """A column of a page as plain values, Arrow arrays too; lists in it become tuples."""
    values: list[Any] = column.to_pylist() if hasattr(column, "to_pylist") else list(column)
    return [tuple(value) if isinstance(value, list) else value for value in values]


def _group(
    values: tuple[Cell, ...], members: Sequence[int], refs: Sequence[RunRef], cells: Mapping[str, Sequence[Cell]]
) -> Group:
    spreads: dict[str, Spread] = {}
    texts: dict[str, dict[str, int]] = {}
    for name, column in cells.items():
        held = [column[row] for row in members]
        numbers = [v for v in held if isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v)]
        if numbers:
            spreads[name] = _spread(numbers)
            continue
        counts: dict[str, int] = {}
        for value in held:
            for text in value if isinstance(value, tuple) else (value,):
                if text is not None and (str(text) in counts or len(counts) < _TEXTS):
                    counts[str(text)] = counts.get(str(text), 0) + 1
        texts[name] = counts
    return Group(values, [refs[row] for row in members], spreads, texts)


def _spread(numbers: Sequence[float]) -> Spread:
    n = len(numbers)
    mean = math.fsum(numbers) / n
    std = math.sqrt(math.fsum((value - mean) ** 2 for value in numbers) / (n - 1)) if n > 1 else None
    return Spread(mean, std, min(numbers), max(numbers), n)
