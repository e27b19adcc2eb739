"""Text for terminals: aligned columns, sizes, ages."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Sequence


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Columns two spaces apart; empty ones are left out. Chinese characters count double, as terminals show them."""
    shown = [number for number in range(len(heads)) if any(row[number] for row in rows)]
    widths = {n: max(_width(cell) for cell in (heads[n], *(row[n] for row in rows))) for n in shown}

    def line(cells: Sequence[str]) -> str:
        parts = []
        for n in shown:
            space = " " * (widths[n] - _width(cells[n]))
            parts.append(space + cells[n] if n in right else cells[n] + space)
        return "  ".join(parts).rstrip()

    return "\n".join([line(heads), *(line(row) for row in rows)])


def bytes_of(size: int) -> str:
    """``1.5 GB``: powers of ten, as disks are sold and ``ls --si`` counts."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 99.95 else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError


def ago(then: float) -> str:
    seconds = max(0.0, time.time() - then)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit} ago"
    return "now"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
