"""Answering a query: by the store itself where it can, else by looking at every run."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..model.query import Field, FieldInfo, RunPage, RunQuery, ValueType
from .evaluating import predicate
from .facts import Cell, cell, cell_reader
from .fields import name_of
from .looking import look

if TYPE_CHECKING:
    from ..contracts import Store
    from ..model.run import ExperimentRecord
    from .looking import LookedAt

_EXAMPLES = 5
_EXAMPLE_LENGTH = 80


def query_runs(store: Store, query: RunQuery, *, budget_s: float | None = None) -> RunPage:
    """One page of runs of any store.

    :param budget_s: for a store without an index: how long files may be read before the answer is ``partial``; the
        next call goes on from there. None = as long as it takes.
    """
    own = getattr(store, "query_runs", None)
    if own is not None:
        answered: RunPage = own(query)
        return answered
    records = store.list_runs(deleted=query.deleted)
    looking = look(store, records if query.deleted is None else None, budget_s)
    test = predicate(query.where, now=time.time() if query.now is None else query.now)
    rows = [one for record in records if _asked(record, query) and test(one := looking.at(record))]
    for order in reversed(query.order_by):
        rows = _sorted(rows, order.field, descending=order.descending)
    end = None if query.limit is None else query.offset + query.limit
    page = rows[query.offset : end]
    columns: dict[str, Sequence[object]] = {
        name_of(field): list(map(cell_reader(field), page)) for field in query.columns
    }
    refs = [one.record.ref for one in page]
    indexed = looking.read_so_far() if looking.partial else None
    unreadable = {one.record.ref.folder: one.unreadable for one in page if one.unreadable is not None}
    return RunPage(refs, columns, len(rows), looking.partial, indexed, unreadable)


def _asked(record: ExperimentRecord, query: RunQuery) -> bool:
    return (
        (query.project is None or record.ref.project == query.project)
        and (query.name is None or record.ref.name == query.name)
        and (query.archived is None or record.archived is query.archived)
    )


def _sorted(rows: Iterable[LookedAt], field: Field, *, descending: bool) -> list[LookedAt]:
    """Numbers, NaN, texts, nothing; equal ones as they were."""
    read = cell_reader(field)
    numbers: list[tuple[float, LookedAt]] = []
    texts: list[tuple[str, LookedAt]] = []
    nan: list[LookedAt] = []
    none: list[LookedAt] = []
    for row in rows:
        value: Cell = read(row)
        if isinstance(value, tuple):
            value = " ".join(value) or None
        if value is None:
            none.append(row)
        elif isinstance(value, str):
            texts.append((value, row))
        elif value != value:
            nan.append(row)
        else:
            numbers.append((value, row))
    numbers.sort(key=_first, reverse=descending)
    texts.sort(key=_first, reverse=descending)
    return [*(row for _, row in numbers), *nan, *(row for _, row in texts), *none]


def _first(pair: tuple[Any, LookedAt]) -> Any:
    return pair[0]


# --- Which fields there are --------------------------------------------------------------------------


def known_fields(
    store: Store, project: str | None = None, name: str | None = None, *, budget_s: float | None = None
) -> Sequence[FieldInfo]:
    """Params, summary values and metrics that runs have, ordered by (kind, key).

    :param budget_s: as for :func:`query_runs`; what could not be read in time is missing.
    """
    own = getattr(store, "known_fields", None)
    if own is not None:
        answered: Sequence[FieldInfo] = own(project, name)
        return answered
    looking = look(store, budget_s=budget_s)
    query = RunQuery(project=project, name=name)
    found: dict[Field, list[Cell]] = {}
    for record in store.list_runs():
        if _asked(record, query):
            one = looking.at(record)
            for key, value in one.params.items():
                found.setdefault(Field("params", key), []).append(cell(value))
            for key, value in one.summary.items():
                found.setdefault(Field("summary", key), []).append(cell(value))
            for key, series in one.series.items():
                found.setdefault(Field("metrics", key, "last"), []).append(series.last)
    return [describe(field, found[field]) for field in sorted(found, key=lambda field: (field.kind, field.key))]


def describe(field: Field, values: Sequence[Cell]) -> FieldInfo:
    """A field by the values that runs have."""
    held = [value for value in values if value is not None]
    numbers = [value for value in held if isinstance(value, (int, float))]
    texts = [value for value in held if isinstance(value, str)]
    kind: ValueType = "number" if numbers and not texts else "text" if texts and not numbers else "any"
    finite = [value for value in numbers if value - value == 0]
    examples: list[object] = [*dict.fromkeys((min(finite), max(finite)))] if finite else []
    for text, _ in sorted(Counter(texts).items(), key=lambda pair: (-pair[1], pair[0]))[: _EXAMPLES - len(examples)]:
        examples.append(text[:_EXAMPLE_LENGTH])
    return FieldInfo(field, kind, len(values), tuple(examples))
