"""The records of one event file in columns."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

from runicorn.serialize import number
from runicorn.types import JSON

from .records import Metric, metric_of

_type, _step, _ts, _data = itemgetter("type"), itemgetter("step"), itemgetter("ts"), itemgetter("data")
_METRICS = {"metrics"}
_PLAIN = {4}  # ts, type, step, data: no stage
#: Rows (counted from the block's first) and values of one key.
Block: TypeAlias = tuple[str, Sequence[int], Sequence[Any]]


class Column:
    """The numbers of one key. ``rows`` is None while rows 0, 1, 2 ... have one each."""

    __slots__ = ("rows", "values")

    def __init__(self) -> None:
        self.values: array[float] = array("d")
        self.rows: array[int] | None = None

    def extend(self, rows: Sequence[int], values: array[float]) -> None:
        have = len(self.values)
        if self.rows is None and (rows[0] != have or rows[-1] != have + len(rows) - 1):
            self.rows = array("q", range(have))
        if self.rows is not None:
            self.rows.extend(array("q", rows))
        self.values.extend(values)

    @property
    def size(self) -> int:
        return 8 * len(self.values) + (0 if self.rows is None else 8 * len(self.rows))


class Columns:
    """Grows by blocks of records. A block is taken as a whole where its records look alike, which is quick."""

    def __init__(self, before: tuple[float, int] = (0.0, 0)) -> None:
        """:param before: time and step of the record before the first, for one that has none of its own."""
        self.step: array[int] = array("q")
        self.ts: array[float] = array("d")
        self.stage: list[str | None] | None = None  # None: no record has one
        self.keys: dict[str, Column] = {}
        self.other: dict[str, dict[int, JSON]] = {}  # values that are no numbers; null counts as absent
        self.nulls: set[str] = set()
        self.events: list[dict[str, Any]] = []  # records of other types
        self.ascending = True  # in time
        self._stages: dict[str | None, str | None] = {None: None}
        self._other_size = 0
        self._before = before

    def __len__(self) -> int:
        return len(self.step)

    @property
    def last(self) -> tuple[float, int]:
        """Time and step of the last record."""
        return (self.ts[-1], self.step[-1]) if self.step else self._before

    @property
    def size(self) -> int:
        """Bytes, roughly."""
        plain = 16 * len(self.step) + (0 if self.stage is None else 8 * len(self.stage))
        return plain + self._other_size + sum(column.size for column in self.keys.values())

    def add(self, records: list[Any]) -> None:
        """Append parsed lines in their order."""
        try:
            if set(map(_type, records)) == _METRICS:
                self._add_alike(records)
                return
        except (KeyError, TypeError, AttributeError, OverflowError):
            pass  # other versions, other types, odd values: nothing was added yet
        self._add_each(records)

    def add_columns(
        self,
        step: array[int],
        ts: array[float],
        stages: Sequence[Any] | None,
        blocks: Iterable[Block],
        events: Iterable[dict[str, Any]],
    ) -> None:
        """Append what is in columns already.

        :param events: the records of other types among them.
        """
        known = len(self.events)
        self.events += events
        self._other_size += 1000 * (len(self.events) - known)
        if step:
            self._commit(step, ts, stages, blocks)

    def _add_alike(self, records: list[Any]) -> None:
        step, ts = array("q", map(_step, records)), array("d", map(_ts, records))
        blocks = _blocks(list(map(_data, records)))
        stages = None
        if set(map(len, records)) != _PLAIN:
            stages = [record.get("stage") for record in records]
        self._commit(step, ts, stages, blocks)

    def _add_each(self, records: list[Any]) -> None:
        metrics: list[Metric] = []
        last = self.last
        for record in records:
            metric = metric_of(record, last)
            if metric is not None:
                metrics.append(metric)
                last = metric.ts, metric.step
            elif isinstance(record, dict) and record.get("type") != "metrics":
                self.events.append(record)
                self._other_size += 1000
        if not metrics:
            return
        step, ts = array("q", (metric.step for metric in metrics)), array("d", (metric.ts for metric in metrics))
        self._commit(step, ts, [metric.stage for metric in metrics], _blocks([metric.data for metric in metrics]))

    def _commit(
        self, step: array[int], ts: array[float], stages: Sequence[Any] | None, blocks: Iterable[Block]
    ) -> None:
        base = len(self.step)
        if self.ascending:
            times = ts.tolist()
            self.ascending = (not base or times[0] >= self.ts[-1]) and times == sorted(times)
        self.step.extend(step)
        self.ts.extend(ts)
        self._add_stages(base, len(step), stages)
        everywhere = range(base, base + len(step))
        for key, rows, values in blocks:
            self._add_values(key, everywhere if len(rows) == len(step) else _moved(rows, base), values)

    def _add_stages(self, base: int, count: int, stages: Sequence[Any] | None) -> None:
        if self.stage is None:
            if stages is None or not any(stages):
                return
            self.stage = [None] * base
        known = self._stages
        for stage in stages or [None] * count:
            word = stage if stage is None or isinstance(stage, str) else str(stage)
            self.stage.append(known.setdefault(word, word))

    def _add_values(self, key: str, rows: Sequence[int], values: Sequence[Any]) -> None:
        try:
            numbers = array("d", values)
        except (TypeError, OverflowError):
            rows, numbers = self._without_others(key, rows, values)
        if numbers:
            self.keys.setdefault(key, Column()).extend(rows, numbers)

    def _without_others(self, key: str, rows: Sequence[int], values: Sequence[Any]) -> tuple[list[int], array[float]]:
        kept: list[int] = []
        numbers: array[float] = array("d")
        for row, value in zip(rows, values, strict=True):
            figure = number(value)
            if figure is not None:
                kept.append(row)
                numbers.append(figure)
            elif value is None:
                self.nulls.add(key)
            else:
                self.other.setdefault(key, {})[row] = value
                self._other_size += 200 + (len(value) if isinstance(value, str) else 400)
        return kept, numbers


def _moved(rows: Sequence[int], base: int) -> list[int]:
    return [row + base for row in rows]


def _blocks(data: list[Mapping[str, Any]]) -> list[Block]:
    """Per key, the rows that have it and their values.

    :raises TypeError: one of them is no object (or AttributeError).
    """
    keys = data[0].keys()
    try:
        if set(map(len, data)) == {len(keys)}:
            everywhere = range(len(data))
            return [(key, everywhere, list(map(itemgetter(key), data))) for key in keys]
    except KeyError:
        pass  # as many keys, but others
    return _mixed_blocks(data)


def _mixed_blocks(data: list[Mapping[str, Any]]) -> list[Block]:
    groups: dict[tuple[str, ...], list[int]] = {}
    for row, values in enumerate(data):
        groups.setdefault(tuple(values.keys()), []).append(row)
    parts: dict[str, list[tuple[list[int], list[Any]]]] = {}
    for keys, rows in groups.items():
        members = [data[row] for row in rows]
        for key in keys:
            parts.setdefault(key, []).append((rows, list(map(itemgetter(key), members))))
    return [(key, *_joined(pieces)) for key, pieces in parts.items()]


def _joined(pieces: list[tuple[list[int], list[Any]]]) -> tuple[list[int], list[Any]]:
    if len(pieces) == 1:
        return pieces[0]
    pairs = [pair for rows, values in pieces for pair in zip(rows, values, strict=True)]
    pairs.sort(key=itemgetter(0))
    return [row for row, _ in pairs], [value for _, value in pairs]
