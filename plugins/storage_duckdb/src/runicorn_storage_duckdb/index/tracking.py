"""What the index knows of one run without asking its tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from runicorn.serialize import loads

if TYPE_CHECKING:
    from runicorn.model.increment import RecordBlock
    from runicorn.model.run import ExperimentRecord
    from runicorn.types import JSON


class Tracked:
    """One run. Changed only with the database's ``writing`` held, after the transaction that it describes."""

    __slots__ = (
        "_position", "_written", "bare", "digest", "high_step", "high_ts", "id", "low_step", "low_ts", "record",
        "records",
    )  # fmt: skip

    def __init__(self, number: int) -> None:
        self.id = number
        self.record: ExperimentRecord | None = None  # as it was when the run's row was written; None after a start
        self.digest = ""
        self._position: JSON = None
        self._written: str | None = None  # the position as the tables have it, until it is used
        self.clear()

    @classmethod
    def written(cls, row: Sequence[Any]) -> Tracked:
        """As the tables have it: number, digest, position (None: nothing was read yet), records, bounds, bare records.

        An index of ten thousand runs has as many, and few are looked at: no position is parsed before it is used.
        """
        run = cls(row[0])
        run.digest, run._written = row[1:3]
        if run._written is not None:
            run.records, run.low_step, run.high_step, low_ts, high_ts, run.bare = row[3:]
            if low_ts is not None:
                run.low_ts, run.high_ts = low_ts, high_ts
        return run

    @property
    def position(self) -> JSON:
        """Where the next increment begins; None: no event was read yet."""
        if self._written is not None:
            self._position, self._written = cast("JSON", loads(self._written)), None
        return self._position

    @position.setter
    def position(self, position: JSON) -> None:
        self._position, self._written = position, None

    @property
    def was_read(self) -> bool:
        return self._written is not None or self._position is not None

    def clear(self) -> None:
        """Forget what its records told."""
        self.records = 0
        self.bare = 0  # records without a number
        self.low_step, self.high_step = 0, 0
        self.low_ts, self.high_ts = math.inf, -math.inf

    def count(self, block: RecordBlock) -> None:
        size = len(block.step)
        if not size:
            return
        step, ts = np.frombuffer(block.step, np.int64), np.frombuffer(block.ts, np.float64)
        low, high = int(step.min()), int(step.max())
        self.low_step = min(self.low_step, low) if self.records else low
        self.high_step = max(self.high_step, high) if self.records else high
        self.low_ts, self.high_ts = min(self.low_ts, float(ts.min())), max(self.high_ts, float(ts.max()))
        self.records += size
        full = any(column.rows is None and len(column.values) == size for column in block.columns.values())
        if not full:
            numbered = np.zeros(size, bool)
            for column in block.columns.values():
                rows = slice(len(column.values)) if column.rows is None else np.frombuffer(column.rows, np.int64)
                numbered[rows] = True
            self.bare += int(size - numbered.sum())

    def take(self, other: Tracked) -> None:
        """Become what another look at the same run found."""
        self.position = other.position
        self.records, self.bare = other.records, other.bare
        self.low_step, self.high_step = other.low_step, other.high_step
        self.low_ts, self.high_ts = other.low_ts, other.high_ts

    def copy(self) -> Tracked:
        other = Tracked(self.id)
        for name in self.__slots__:
            setattr(other, name, getattr(self, name))
        return other
