"""What is asked of a list of runs: a condition, an order, columns, a page. And the page that answers.

A condition is true or false, never unknown. A comparison with something that a run does not have is false, ``!=`` too;
``Not`` of it is true. NaN is unequal to every number and neither smaller nor larger than any; it equals NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, get_args

from attrs import field, frozen

from .run import RunRef

#: What a field is about: the run itself, its hyper-parameters, its summary, or the figures of one of its metrics.
FieldKind: TypeAlias = Literal["run", "params", "summary", "metrics"]
#: How the values of a field compare. ``any``: numbers as numbers, texts as texts, whichever a run has.
ValueType: TypeAlias = Literal["text", "number", "time", "flag", "tags", "any"]
#: Figures of a metric, as :class:`~runicorn.model.metric.Series` has them.
Figure: TypeAlias = Literal[
    "last", "min", "max", "mean", "n", "first_step", "last_step", "min_step", "max_step",
    "n_nan", "n_posinf", "n_neginf", "last_ts",
]  # fmt: skip
FIGURES: tuple[str, ...] = get_args(Figure)

#: Fields of the run itself. ``run`` is the id, ``path`` the folder, which is unique; times are Unix seconds.
RUN_FIELDS: Mapping[str, ValueType] = {
    "run": "text",
    "project": "text",
    "name": "text",
    "path": "text",
    "display_name": "text",
    "status": "text",
    "created_at": "time",
    "started_at": "time",
    "ended_at": "time",
    "duration_s": "number",
    "host": "text",
    "group": "text",
    "job_type": "text",
    "tags": "tags",
    "note": "text",
    "pinned": "flag",
    "archived": "flag",
    "deleted": "flag",
    "best": "number",
    "best_metric": "text",
    "best_step": "number",
}


@frozen
class Field:
    """Something that a run has a value of. ``figure`` only matters for metrics.

    A key is meant exactly as it stands; where a run has no such key, ``.`` in it also stands for ``/``, which parts
    the levels of nested parameters.
    """

    kind: FieldKind
    key: str
    figure: str = ""

    @property
    def type(self) -> ValueType:
        """How its values compare."""
        if self.kind == "run":
            return RUN_FIELDS[self.key]
        return "number" if self.kind == "metrics" else "any"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are looked for, the first that a run has counts."""
        other = self.key.replace(".", "/")
        return (self.key,) if self.kind == "run" or other == self.key else (self.key, other)


# --- Conditions --------------------------------------------------------------------------------------

Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]


@frozen
class Ago:
    """A moment measured back from the present: ``-7d``."""

    seconds: float


Value: TypeAlias = float | str | bool | Ago


@frozen
class Compare:
    """``params.lr < 0.1``. A number compares with numbers (true and false count as 1 and 0), a text with the text of
    any value, a flag with true and false; texts are ordered by code points."""

    field: Field
    op: Operator
    value: Value


@frozen
class In:
    """Equal to one of several values."""

    field: Field
    values: tuple[Value, ...]


@frozen
class Has:
    """One of the run's tags is this one."""

    field: Field
    value: str


@frozen
class Contains:
    """The text of the value holds this text, ignoring case. Of tags, one does."""

    field: Field
    text: str


@frozen
class Matches:
    """A regular expression (Python's, with ASCII classes) is found in the text of the value. Of tags, in one."""

    field: Field
    pattern: str


@frozen
class Exists:
    """The run has a value of this field. Empty texts and no tags are no value."""

    field: Field


@frozen
class Text:
    """The text is found, ignoring case, in one of: id, project, name, display name, status, host, note, tags."""

    text: str


@frozen
class Not:
    item: Condition


@frozen
class And:
    items: tuple[Condition, ...]


@frozen
class Or:
    items: tuple[Condition, ...]


Condition: TypeAlias = Compare | In | Has | Contains | Matches | Exists | Text | Not | And | Or

#: Where :class:`Text` looks.
SEARCHED: tuple[str, ...] = ("run", "project", "name", "display_name", "status", "host", "note", "tags")


# --- Queries -----------------------------------------------------------------------------------------


@frozen
class Order:
    """Runs without a value come last in both directions, NaN before them; numbers come before texts."""

    field: Field
    descending: bool = False


@frozen
class RunQuery:
    """Which runs, in which order, with which columns.

    Runs that are equal in ``order_by`` come newest first, then by folder.
    """

    where: Condition | None = None
    order_by: tuple[Order, ...] = ()
    columns: tuple[Field, ...] = ()
    project: str | None = None
    name: str | None = None
    deleted: bool | None = False  # False: without the recycle bin; True: only it; None: both
    archived: bool | None = None  # False: without archived runs; True: only them; None: both
    offset: int = 0
    limit: int | None = None
    now: float | None = None  # what Ago is measured from, Unix seconds; None: the present


@frozen
class RunPage:
    """The answer. ``columns`` are named by the field as it is written (``runicorn.filters.name_of``), in the order
    asked.

    A column is a list of None, float (or int), bool, str, and tuple of str (tags), one for each of ``refs``: a number
    where the run's value is one, else its text. A store may give Arrow arrays instead (anything with ``to_pylist``).
    """

    refs: Sequence[RunRef]
    columns: Mapping[str, Sequence[object]]
    total: int  # runs that match, on all pages
    partial: bool = False  # not everything has been read yet: figures may be missing
    indexed: int | None = None  # runs that have been read, when partial
    unreadable: Mapping[str, str] = field(factory=dict)  # of these runs, by folder: why figures are missing


@frozen
class FieldInfo:
    """A field that runs of a project have, for completion and column pickers."""

    field: Field
    type: ValueType
    runs: int  # that have it
    examples: tuple[object, ...] = ()  # some of its values, smallest and largest of numbers
