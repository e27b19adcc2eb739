"""Curves as SVG, without a script: each column shows the extremes of all points in it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

from .report import ReportRun, number

if TYPE_CHECKING:
    from runicorn.contracts import ExportReader

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 520, 240, 56, 26, 12
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


def chart(key: str, runs: Sequence[ReportRun], curves: Sequence[tuple[int, Curve]]) -> str:
    """The curves of one metric as a picture with its name: each column shows the extremes of all points in it."""
    label = f"{key}: " + ", ".join(
        f"{run.title} {number(found.last)}" for run in runs[:MOST_RUNS] if (found := run.series.get(key)) is not None
    )
    if not curves:
        return f"<figure><figcaption>{escape(key)}</figcaption><p class='soft'>no finite value</p></figure>"
    x0, x1 = min(float(c[0, 0]) for _, c in curves), max(float(c[-1, 4]) for _, c in curves)
    y0, y1 = min(float(c[:, 1].min()) for _, c in curves), max(float(c[:, 2].max()) for _, c in curves)
    if y0 == y1:
        y0, y1 = y0 - (abs(y0) or 1) / 10, y1 + (abs(y1) or 1) / 10

    def x(value: float) -> float:
        return LEFT + (value - x0) / ((x1 - x0) or 1) * (WIDTH - LEFT - 12)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - y0) / (y1 - y0) * (HEIGHT - BOTTOM - TOP)

    parts = []
    for v in _ticks(y0, y1):
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
    if end > begin:
        parts.append(f"L{x(end):.1f} {y(last):.1f}")
    return f'<path class="c{color}" d="{"".join(parts)}"/>'


def _ticks(low: float, high: float) -> list[float]:
    """About four round numbers."""
    span = high - low
    if span <= 0:
        return [low]
    rough = span / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    first = math.ceil(low / step) * step
    return [first + n * step for n in range(int((high - first) / step + 1e-9) + 1)]
