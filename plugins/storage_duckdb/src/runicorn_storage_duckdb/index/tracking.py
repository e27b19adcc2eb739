"""What the index knows of one run without asking its tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from runicorn.model.increment import RecordBlock
    from runicorn.model.run import ExperimentRecord
    from runicorn.types import JSON


class Tracked:
    """One run. Changed only with the database's ``writing`` held, after the transaction that it describes."""

    __slots__ = (
        "bare", "digest", "high_step", "high_ts", "id", "low_step", "low_ts", "position", "record", "records",
    )  # fmt: skip

    def __init__(self, number: int) -> None:
        self.id = number
        self.record: ExperimentRecord | None = None  # as it was when the run's row was written; None after a start
        self.digest = ""
        self.position: JSON = None  # where the next increment begins; None: no event was read yet
        self.clear()

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
