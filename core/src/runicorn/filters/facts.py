"""What a condition looks at: one run in figures, and the values of its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from ..serialize import dumps, number

if TYPE_CHECKING:
    from ..model.metric import Series
    from ..model.query import Field
    from ..model.run import ExperimentRecord
    from ..types import JSON

#: What a cell of a list holds.
Cell: TypeAlias = "float | bool | str | tuple[str, ...] | None"


def flatten(document: Mapping[str, JSON]) -> dict[str, JSON]:
    """Nested values by their path with ``/``. Lists and empty objects stay as they are: positions are no names."""
    return dict(_leaves(document, ""))


def _leaves(values: Mapping[str, JSON], prefix: str) -> Iterator[tuple[str, JSON]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{prefix}{key}/")
        else:
            yield f"{prefix}{key}", value


def text_of(value: JSON) -> str | None:
    """The text of a value: a text itself, else as JSON; None for null."""
    if value is None or isinstance(value, str):
        return value
    return dumps(value).decode("utf-8", "replace")


class Facts(Protocol):
    """One run. What stands in files may be read when it is asked for."""

    @property
    def record(self) -> ExperimentRecord: ...

    @property
    def params(self) -> Mapping[str, JSON]:
        """Flattened."""

    @property
    def summary(self) -> Mapping[str, JSON]:
        """Flattened."""

    @property
    def series(self) -> Mapping[str, Series]: ...


_RUN: Mapping[str, Callable[[ExperimentRecord], Cell]] = {
    "run": lambda r: r.ref.id,
    "project": lambda r: r.ref.project,
    "name": lambda r: r.ref.name,
    "path": lambda r: r.ref.folder,
    "display_name": lambda r: r.display_name or None,
    "status": lambda r: r.status,
    "created_at": lambda r: r.created_at,
    "started_at": lambda r: r.started_at,
    "ended_at": lambda r: r.ended_at,
    "duration_s": lambda r: r.duration_s,
    "host": lambda r: r.hostname or None,
    "group": lambda r: r.group or None,
    "job_type": lambda r: r.job_type or None,
    "tags": lambda r: tuple(r.tags),
    "note": lambda r: r.note or None,
    "pinned": lambda r: r.pinned,
    "archived": lambda r: r.archived,
    "deleted": lambda r: r.deleted_at is not None,
    "best": lambda r: None if r.best is None else r.best.value,
    "best_metric": lambda r: None if r.best is None else r.best.metric,
    "best_step": lambda r: None if r.best is None else r.best.step,
}


def reader_of(field: Field) -> Callable[[Facts], JSON]:
    """A function from a run to its value of a field, as it was logged; None when it has none."""
    if field.kind == "run":
        read = _RUN[field.key]
        return lambda facts: read(facts.record)
    keys = field.keys
    if field.kind == "metrics":
        figure = field.figure or "last"
        return lambda facts: getattr(
            next((facts.series[key] for key in keys if key in facts.series), None), figure, None
        )
    if field.kind == "params":
        return lambda facts: _first(facts.params, keys)
    return lambda facts: _first(facts.summary, keys)


def _first(values: Mapping[str, JSON], keys: Sequence[str]) -> JSON:
    return next((values[key] for key in keys if key in values), None)


def cell(value: JSON) -> Cell:
    """What a list shows of a value of ``params`` or ``summary``: a number where it is one, else its text."""
    if isinstance(value, bool):
        return text_of(value)
    if isinstance(value, str) and value not in ("NaN", "Infinity", "-Infinity"):
        return value
    found = number(value)
    return found if found is not None else text_of(value)


def cell_reader(field: Field) -> Callable[[Facts], Cell]:
    """A function from a run to the cell of a column."""
    read = reader_of(field)
    if field.kind in ("run", "metrics"):
        return read  # type: ignore[return-value]  # these hold cells
    return lambda facts: cell(read(facts))
