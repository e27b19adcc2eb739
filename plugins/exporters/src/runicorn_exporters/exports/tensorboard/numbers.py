"""The numbers of a run in the order of their steps, be they in one table or in many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeAlias

from .scalars import scalar_events

if TYPE_CHECKING:
    from runicorn.model.metric import RecordTable

#: Steps, times and values of a tag.
Points: TypeAlias = tuple[Any, Any, Any]
_LAST = 2**63 - 1


class Numbers:
    """A run in one piece stays in memory; one in several is read again for each file."""

    def __init__(self, tables: Iterable[RecordTable]) -> None:
        pieces = iter(tables)
        first = list(islice(pieces, 2))
        self._tables = tables if len(first) > 1 else first
        self.stages: set[str | None] = set()
        lowest: list[dict[str, int]] = []  # step of each key, by piece
        for table in chain(first, pieces):
            self.stages |= set(table.stage)
            lowest.append({key: int(_steps(table, key).min()) for key in table.columns})
        self._later = [dict[str, int]() for _ in lowest]  # what the pieces after each one hold at least
        for at in range(len(lowest) - 1, 0, -1):
            later = self._later[at]
            self._later[at - 1] = later | {key: min(low, later.get(key, low)) for key, low in lowest[at].items()}

    def events(self, stages: frozenset[str | None], *, exact: bool) -> Iterator[bytes]:
        """Events of the records of these stages. A tag's are in the order of steps over all pieces: what a later piece
        may come before waits for it."""
        import numpy as np

        waiting: dict[str, Points] = {}
        for at, table in enumerate(self._tables):
            later = self._later[at] if at < len(self._later) else {}  # a running run has grown
            for key, points in _points(table, stages):
                if key in waiting:
                    before = waiting.pop(key)
                    points = (
                        np.concatenate((before[0], points[0])),
                        np.concatenate((before[1], points[1])),
                        np.concatenate((before[2], points[2])),
                    )
                order = np.argsort(points[0], kind="stable")
                steps, times, values = (column[order] for column in points)
                end = int(np.searchsorted(steps, later.get(key, _LAST), side="right"))
                if end < len(steps):
                    waiting[key] = steps[end:], times[end:], values[end:]
                if end:
                    yield from scalar_events(key, steps[:end], times[:end], values[:end], exact=exact)
        for key, (steps, times, values) in waiting.items():
            yield from scalar_events(key, steps, times, values, exact=exact)


def _points(table: RecordTable, stages: frozenset[str | None]) -> Iterator[tuple[str, Points]]:
    import numpy as np

    step, ts = np.asarray(table.step), np.asarray(table.ts)
    here: Any = None
    if not len(table.stage) and None not in stages:
        return
    if len(table.stage):
        here = np.fromiter((stage in stages for stage in table.stage), bool, len(table.stage))
    for key, column in sorted(table.columns.items()):
        values = np.asarray(column.values)
        rows = np.arange(len(step)) if column.rows is None else np.asarray(column.rows)
        if here is not None:
            values, rows = values[here[rows]], rows[here[rows]]
        if len(rows):
            yield key, (step[rows], ts[rows], values)


def _steps(table: RecordTable, key: str) -> Any:
    import numpy as np

    step, rows = np.asarray(table.step), table.columns[key].rows
    return step if rows is None else step[np.asarray(rows)]
