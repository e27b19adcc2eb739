"""From a filter that somebody typed to the runs of a store."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from ..errors import FilterError
from ..model.query import Condition, Field, RunQuery
from .parsing import parse
from .reading import known_fields, query_runs

if TYPE_CHECKING:
    from ..contracts import Store
    from ..model.run import ExperimentRecord

Result = TypeVar("Result")

#: How long files may be read to find out what somebody meant.
_HINT_S = 0.3
_AGAIN_S = 0.05


def with_hints(
    store: Store, read: Callable[[Sequence[Field]], Result], project: str | None = None, name: str | None = None
) -> Result:
    """What ``read`` makes of no known fields; where it fails, its error with suggestions from those of the store.

    :raises FilterError: what was typed means nothing.
    """
    try:
        return read(())
    except FilterError:
        return read([info.field for info in known_fields(store, project, name, budget_s=_HINT_S)])


def parse_for(store: Store, text: str, project: str | None = None, name: str | None = None) -> Condition | None:
    """Like :func:`parse`, with suggestions from the fields that runs have.

    :raises FilterError: it has no meaning.
    """
    return with_hints(store, lambda known: parse(text, known=known), project, name)


def choose_runs(store: Store, text: str, *, deleted: bool | None = False) -> Sequence[ExperimentRecord]:
    """Every run that a filter chooses, newest first.

    :param deleted: False = without the recycle bin, True = only it, None = both.
    :raises FilterError: it has no meaning.
    """
    query = RunQuery(parse_for(store, text), deleted=deleted)
    while (page := query_runs(store, query)).partial:  # an index is being made: what it lacks yet may be meant too
        time.sleep(_AGAIN_S)
    found = {record.ref.folder: record for record in store.list_runs(deleted=deleted)}
    return [found[ref.folder] for ref in page.refs if ref.folder in found]
