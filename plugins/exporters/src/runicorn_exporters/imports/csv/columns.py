"""What the columns of a table mean, and its lines as what was logged."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen
from runicorn.errors import InvalidArgument

from ...formulas import unguarded

if TYPE_CHECKING:
    from runicorn.types import JSON

    from .importer import CsvOptions

Row: TypeAlias = "Sequence[str]"

_USUAL = {
    "run": ("run", "run_id", "run_name", "experiment"),
    "step": ("step", "_step", "global_step", "iteration", "iter", "epoch"),
    "time": ("ts", "time", "timestamp", "_timestamp", "wall_time", "wall time", "date"),
    "key": ("key", "metric", "tag", "name"),
    "value": ("value",),
}
_LIMIT = (1 << 63) - 1


@frozen
class Record:
    step: int
    ts: float
    stage: str | None
    data: dict[str, JSON]
    omitted: Sequence[str] = ()


@frozen
class Columns:
    """Positions; None where there is no such column."""

    run: int | None
    step: int | None
    time: int | None
    stage: int | None
    key: int | None  # set: the layout is long
    value: int | None
    others: Sequence[tuple[int, str]]  # position and name: the metrics of the wide layout, no place in the long one
    width: int

    def run_of(self, row: Row) -> str:
        return unguarded(_cell(row, self.run))

    def record(self, row: Row, number: int, created_at: float) -> Record:
        """
        :param number: of the line, for tables without a step.
        :param created_at: for lines without a time.
        """
        omitted = []
        step = _whole(_cell(row, self.step))
        if step is None:
            if _cell(row, self.step):
                omitted.append("steps that are no numbers (the line's number was taken)")
            step = number
        ts = _seconds(_cell(row, self.time))
        if ts is None:
            if _cell(row, self.time):
                omitted.append("times that are none")
            ts = created_at
        if self.key is not None:
            key, text = unguarded(_cell(row, self.key)), _cell(row, self.value)
            data = {key: value(text)} if key and text else {}
            omitted += [f"cells of the column {name!r}" for at, name in self.others if at < len(row) and row[at] != ""]
        else:
            data = {name: value(row[at]) for at, name in self.others if at < len(row) and row[at] != ""}
        omitted += ["cells behind the last column that has a name" for cell in row[self.width :] if cell.strip()]
        return Record(step, ts, unguarded(_cell(row, self.stage)) or None, data, omitted)


def find_columns(head: Sequence[str], options: CsvOptions, path: Path) -> Columns:
    """:raises InvalidArgument: a column that was asked for is not there."""
    found = {what: _find(head, what, getattr(options, what)) for what in _USUAL}
    stage = _position(head, ("stage",))
    long = options.layout == "long" or (
        options.layout == "auto" and found["key"] is not None and found["value"] is not None
    )
    if long and (found["key"] is None or found["value"] is None):
        raise InvalidArgument("layout", "long", f"needs columns for key and value; there are: {', '.join(head)}")
    taken = {found["run"], found["step"], found["time"], stage} | ({found["key"], found["value"]} if long else set())
    others = _named(head, taken)
    if [name.lower() for _, name in others] == ["value"] and found["time"] is not None:
        others = [(others[0][0], path.stem)]  # a curve as TensorBoard's page saves it
    key, values = (found["key"], found["value"]) if long else (None, None)
    return Columns(found["run"], found["step"], found["time"], stage, key, values, others, len(head))


def _named(head: Sequence[str], taken: Collection[int | None]) -> list[tuple[int, str]]:
    """The other columns that have a name; of several with one name the further ones are numbered, as pandas does."""
    names = [unguarded(name.strip()) for name in head]
    there, found = set(names), set[str]()
    others = []
    for at, name in enumerate(names):
        if at in taken or not name:
            continue
        own = name if name not in found else next(n for k in count(1) if (n := f"{name}.{k}") not in there | found)
        found.add(own)
        others.append((at, own))
    return others


def _find(head: Sequence[str], what: str, name: str) -> int | None:
    if not name:
        return _position(head, _USUAL[what])
    if name not in head:
        raise InvalidArgument(what, name, f"is no column; there are: {', '.join(head)}")
    return head.index(name)


def _position(head: Sequence[str], names: Sequence[str]) -> int | None:
    lowered = [name.strip().lower() for name in head]
    return next((lowered.index(name) for name in names if name in lowered), None)


def _cell(row: Row, at: int | None) -> str:
    return row[at].strip() if at is not None and at < len(row) else ""


def value(text: str) -> JSON:
    """A number, a truth value, or the text. Python takes ``1_2`` for 12; in a table it is a text."""
    text = text.strip()
    try:
        return text if "_" in text else int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return {"true": True, "false": False}.get(text.lower(), text)


def _whole(text: str) -> int | None:
    number = value(text) if text else None
    if isinstance(number, float) and math.isfinite(number):
        number = int(number)
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return max(-_LIMIT, min(number, _LIMIT))


def _seconds(text: str) -> float | None:
    """Unix seconds, or milliseconds where that is what it must be; ISO 8601, without a zone in UTC."""
    if not text:
        return None
    number = value(text)
    if not isinstance(number, (int, float)) or isinstance(number, bool):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(number) or abs(number) > _LIMIT:
        return None
    return number / 1000 if number > 1e11 else number
