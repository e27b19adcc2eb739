"""Curves as SVG, without a script: each column shows the extremes of all points in it."""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

from .report import ReportRun, number

if TYPE_CHECKING:
    from runicorn.contracts import ExportReader

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 520, 240, 68, 26, 12
SHADES = 8  # colours, as classes c0 to c7
MOST_RUNS = 100  # that are drawn: nobody can follow more lines
_MOST, _LEAST = 400, 24  # columns of a curve
_ALL = 2_000_000  # columns of all curves: so many are in memory

Place: TypeAlias = Callable[[float], float]
#: Of each column, as rows of a matrix: its first x, lowest, highest and last value, last x.
Curve: TypeAlias = Any


def read_curves(
    reader: ExportReader, runs: Sequence[ReportRun], keys: Sequence[str]
) -> dict[str, list[tuple[int, Curve]]]:
    """Of each metric: which run, and its curve. However long the runs are, they take the same memory."""
    import numpy as np

    found = defaultdict(list)
    drawn = min(len(runs), MOST_RUNS)
    columns = max(_LEAST, min(_MOST, _ALL // max(1, drawn * len(keys))))
    for place, table in zip(range(drawn), reader.curves(keys or None, columns), strict=False):
        wanted = [table.columns[name] for name in ("x_first", "min", "max", "last", "x_last")]
        finite = np.asarray(table.columns["n"]) > 0
        rows = np.column_stack(wanted)
        rows[:, 3] = np.where(np.isfinite(rows[:, 3]), rows[:, 3], rows[:, 2])
        numbers = np.asarray(table.columns["key"])
        for number_, key in enumerate(table.keys):
            curve = rows[(numbers == number_) & finite]
            if len(curve):
                found[key].append((place, curve))
    return found


def chart(key: str, runs: Sequence[ReportRun], curves: Sequence[tuple[int, Curve]], nothing: str) -> str:
    """The curves of one metric as a picture with its name: each column shows the extremes of all points in it.

    :param nothing: what is said where no value is finite.
    """
    label = f"{key}: " + ", ".join(
        f"{run.title} {number(found.last)}" for run in runs[:MOST_RUNS] if (found := run.series.get(key)) is not None
    )
    if not curves:
        return f"<figure><figcaption>{escape(key)}</figcaption><p class='soft'>{nothing}</p></figure>"
    x0, x1 = min(float(c[0, 0]) for _, c in curves), max(float(c[-1, 4]) for _, c in curves)
    y0, y1 = min(float(c[:, 1].min()) for _, c in curves), max(float(c[:, 2].max()) for _, c in curves)
    low, high = (y0, y1) if y0 < y1 else _around(y0)

    def x(value: float) -> float:
        return LEFT + _share(value, x0, x1) * (WIDTH - LEFT - 12)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - _share(value, low, high) * (HEIGHT - BOTTOM - TOP)

    parts = []
    for v in _ticks(low, high):
        parts.append(f'<path class="g" d="M{LEFT} {y(v):.1f}H{WIDTH - 12}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(v) + 4:.1f}" text-anchor="end">{v:.6g}</text>')
    for v in _ticks(x0, x1):
        parts.append(f'<text x="{x(v):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{v:.6g}</text>')
    parts += [_path(curve, x, y, place % SHADES) for place, curve in curves]
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    svg = f'<svg {size} role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    return f"<figure><figcaption>{escape(key)}</figcaption>{svg}</figure>"


def _path(curve: Curve, x: Place, y: Place, color: int) -> str:
    parts: list[str] = []
    for begin, low, high, last, _ in curve.tolist():
        parts.append(f"{'L' if parts else 'M'}{x(begin):.1f} {y(high):.1f}")
        if low != high:
            parts.append(f"L{x(begin):.1f} {y(low):.1f}L{x(begin):.1f} {y(last):.1f}")
    begin, _, _, last, end = curve[-1].tolist()
    if len(parts) == 1 and end == begin:
        return f'<path class="c{color} p" d="{parts[0]}h0"/>'
    if end > begin:
        parts.append(f"L{x(end):.1f} {y(last):.1f}")
    return f'<path class="c{color}" d="{"".join(parts)}"/>'


def _around(value: float) -> tuple[float, float]:
    """A range with a value in its middle, as far as floats go."""
    away = max(abs(value) / 10 or 0.1, sys.float_info.min)
    return max(value - away, -sys.float_info.max), min(value + away, sys.float_info.max)


def _share(value: float, low: float, high: float) -> float:
    """How far a value is from low (0) to high (1); the quarters of floats have a difference, whatever they are."""
    span = high / 4 - low / 4
    return (value / 4 - low / 4) / span if span > 0 else 0.5


def _ticks(low: float, high: float) -> list[float]:
    """About four round numbers; only the ends of a range that is too wide or too narrow for floats."""
    span = high - low
    if not sys.float_info.min * 16 < span <= sys.float_info.max:
        return [low, high] if low < high else [low]
    rough = span / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    first = math.ceil(low / step) * step
    return [first + n * step for n in range(int((high - first) / step + 1e-9) + 1)]
