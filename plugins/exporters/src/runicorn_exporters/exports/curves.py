"""Curves as SVG, without a script: each column shows the extremes of all points in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, TypeAlias

from .report import ReportRun, number

if TYPE_CHECKING:
    from runicorn.model.metric import RecordTable

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 520, 240, 56, 26, 12
POINTS = 400  # columns of a curve
SHADES = 8  # colours, as classes c0 to c7

Place: TypeAlias = Callable[[float], float]


def chart(key: str, runs: Sequence[ReportRun], tables: Sequence[RecordTable]) -> str:
    """The curves of one metric as a picture with its name.

    :param tables: of the runs, in their order.
    """
    curves = [_curve(table, key) for table in tables]
    points = [point for curve in curves for point in curve]
    label = f"{key}: " + ", ".join(
        f"{run.title} {number(found.last)}" for run in runs if (found := run.series.get(key)) is not None
    )
    if not points:
        return f"<figure><figcaption>{escape(key)}</figcaption><p class='soft'>no finite value</p></figure>"
    x0, x1 = min(p[0] for p in points), max(p[0] for p in points)
    y0, y1 = min(p[1] for p in points), max(p[2] for p in points)
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
    parts += [_path(curve, x, y, n % SHADES) for n, curve in enumerate(curves) if curve]
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    svg = f'<svg {size} role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    return f"<figure><figcaption>{escape(key)}</figcaption>{svg}</figure>"


def _path(curve: Sequence[tuple[float, float, float, float]], x: Place, y: Place, color: int) -> str:
    parts = []
    for n, (step, low, high, last) in enumerate(curve):
        parts.append(f"{'M' if n == 0 else 'L'}{x(step):.1f} {y(high):.1f}")
        if low != high:
            parts.append(f"L{x(step):.1f} {y(low):.1f}L{x(step):.1f} {y(last):.1f}")
    return f'<path class="c{color}" d="{"".join(parts)}"/>'


def _curve(table: RecordTable, key: str) -> list[tuple[float, float, float, float]]:
    """(x, min, max, last) of at most POINTS columns of equal width in steps; no extreme is lost."""
    column = table.columns.get(key)
    if column is None:
        return []
    rows: Iterable[int] = range(len(table.step)) if column.rows is None else map(int, column.rows)
    pairs = [(float(table.step[row]), float(value)) for row, value in zip(rows, column.values, strict=True)]
    pairs = sorted((pair for pair in pairs if math.isfinite(pair[1])), key=lambda pair: pair[0])
    if len(pairs) <= POINTS:
        return [(step, value, value, value) for step, value in pairs]
    first, width = pairs[0][0], (pairs[-1][0] - pairs[0][0]) / POINTS or 1.0
    columns: dict[int, list[float]] = {}
    for step, value in pairs:
        at = min(POINTS - 1, int((step - first) / width))
        known = columns.get(at)
        if known is None:
            columns[at] = [step, value, value, value]
        else:
            known[1], known[2], known[3] = min(known[1], value), max(known[2], value), value
    return [(c[0], c[1], c[2], c[3]) for _, c in sorted(columns.items())]


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
