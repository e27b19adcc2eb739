"""One key in figures, kept up to date as its column grows."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING

from runicorn.model.metric import Series

if TYPE_CHECKING:
    from .columns import Column, Columns

_BLOCK = 1 << 14


class Figures:
    """Counts, extremes and the ends of one column of one file. What was counted is not counted again."""

    def __init__(self) -> None:
        self._done = 0
        self.finite = 0
        self.n_nan = self.n_posinf = self.n_neginf = 0
        self.mean = 0.0  # of finite values; kept as such, because their sum may overflow
        self.min, self.max = math.inf, -math.inf
        self.min_step = self.max_step = 0
        self.first = (math.inf, 0)  # ts, step
        self.last = (-math.inf, 0, math.nan)  # ts, step, value

    def advance(self, columns: Columns, column: Column) -> None:
        while self._done < len(column.values):
            begin = self._done
            block = column.values[begin : begin + _BLOCK]
            rows = range(begin, begin + len(block)) if column.rows is None else column.rows[begin : begin + len(block)]
            self._count(columns, block, rows)
            self._done = begin + len(block)

    def _count(self, columns: Columns, block: array[float], rows: range | array[int]) -> None:
        first_row, last_row = rows[0], rows[-1]
        if not columns.ascending:
            first_row = min(rows, key=columns.ts.__getitem__)
            last_row = max(reversed(rows), key=columns.ts.__getitem__)  # of equal times the later line
        first_ts, last_ts = columns.ts[first_row], columns.ts[last_row]
        if first_ts < self.first[0]:
            self.first = first_ts, columns.step[first_row]
        if last_ts >= self.last[0]:
            self.last = last_ts, columns.step[last_row], block[rows.index(last_row)]
        total = sum(block)
        if not math.isfinite(total):
            rows, block = self._finite(rows, block)
            if not block:
                return
            total = sum(block)
        mean = total / len(block) if math.isfinite(total) else math.fsum(value / len(block) for value in block)
        self.finite += len(block)
        self.mean += (mean - self.mean) * (len(block) / self.finite)
        low, high = min(block), max(block)
        if low < self.min:
            self.min, self.min_step = low, columns.step[rows[block.index(low)]]
        if high > self.max:
            self.max, self.max_step = high, columns.step[rows[block.index(high)]]

    def _finite(self, rows: range | array[int], block: array[float]) -> tuple[array[int], array[float]]:
        kept = [(row, value) for row, value in zip(rows, block, strict=True) if math.isfinite(value)]
        self.n_nan += sum(value != value for value in block)
        self.n_posinf += block.count(math.inf)
        self.n_neginf += block.count(-math.inf)
        return array("q", (row for row, _ in kept)), array("d", (value for _, value in kept))


def combined(key: str, parts: list[Figures]) -> Series:
    """The figures of one key over all files of a run, which are given in their order."""
    finite = sum(part.finite for part in parts)
    n_nan, n_posinf, n_neginf = (sum(column) for column in zip(*map(_odd, parts), strict=True))
    lowest = min(parts, key=lambda part: part.min)
    highest = max(parts, key=lambda part: part.max)
    first = min(parts, key=lambda part: part.first[0])
    last = max(reversed(parts), key=lambda part: part.last[0])
    return Series(
        key=key,
        n=finite + n_nan + n_posinf + n_neginf,
        first_step=first.first[1],
        last_step=last.last[1],
        last=last.last[2],
        min=lowest.min if finite else None,
        min_step=lowest.min_step if finite else None,
        max=highest.max if finite else None,
        max_step=highest.max_step if finite else None,
        mean=_mean(parts, finite) if finite else None,
        n_nan=n_nan,
        n_posinf=n_posinf,
        n_neginf=n_neginf,
        last_ts=last.last[0],
    )


def _odd(part: Figures) -> tuple[int, int, int]:
    return part.n_nan, part.n_posinf, part.n_neginf


def _mean(parts: list[Figures], finite: int) -> float:
    return math.fsum(part.mean * (part.finite / finite) for part in parts if part.finite)
