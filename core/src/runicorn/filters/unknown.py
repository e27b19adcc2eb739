"""Fields of a filter that no run has: allowed, since a run may come that has them, and often a slip."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from ..model.query import Condition, Field
from .evaluating import fields_of
from .fields import name_of
from .reading import known_fields

if TYPE_CHECKING:
    from ..contracts import Store


@frozen
class Unknown:
    """``meant`` is the field that was probably meant; None where nothing is like it."""

    field: Field
    meant: Field | None

    def __str__(self) -> str:
        hint = f"; did you mean {name_of(self.meant)}?" if self.meant else ""
        return f"no run has {name_of(self.field)}{hint}"


def unknown_fields(
    store: Store,
    condition: Condition | None,
    project: str | None = None,
    name: str | None = None,
    *,
    budget_s: float | None = None,
) -> Sequence[Unknown]:
    """Params, summary values and metrics of a condition that no run has. Ask when nothing was found.

    :param budget_s: how long the files of a store without an index may be read.
    """
    asked = [field for field in dict.fromkeys(fields_of(condition)) if field.kind != "run"]
    if not asked:
        return ()
    known = [info.field for info in known_fields(store, project, name, budget_s=budget_s)]
    held = {(field.kind, key) for field in known for key in (field.key, field.key.replace("/", "."))}
    return [
        Unknown(field, _like(field, known))
        for field in asked
        if not any((field.kind, key) in held for key in field.keys)
    ]


def _like(field: Field, known: Sequence[Field]) -> Field | None:
    """The known field that is most like one: of its own kind, else of the same key."""
    keys = [other.key for other in known if other.kind == field.kind]
    close = get_close_matches(field.key, keys, 1, 0.6)
    ends = [key for key in keys if field.key in (key.rpartition("/")[2], key.rpartition(".")[2])]
    if close or ends:
        return evolve(field, key=(close or ends)[0])
    return next((other for other in known if other.key == field.key), None)
