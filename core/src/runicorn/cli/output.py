"""Printing: tables for people, JSON for programs."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import click

from ..serialize import dumps

if TYPE_CHECKING:
    from ..types import FloatColumn

BARS = "▁▂▃▄▅▆▇█"


def print_json(value: Any) -> None:
    """One JSON document; a list of things is an array of objects."""
    click.echo(dumps(value, indent=True), nl=False)


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[str] = (),
    whole: Sequence[str] = (),
    spare: Sequence[str] = (),
) -> None:
    """A table that fits the terminal; piped, one row a line with tabs and no decoration.

    :param right: columns whose cells are aligned to the right.
    :param whole: columns whose cells are never broken: what people copy.
    :param spare: columns that a terminal which is too narrow goes without, the first one first; that is said.
    """
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            click.echo("\t".join(" ".join(cell.split()) for cell in row))
        return
    from rich import box
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    widths = [max(cell_len(row[n]) for row in (columns, *rows)) + 3 for n in range(len(columns))]
    left_out: list[str] = []
    for column in spare:
        if sum(widths) - 1 > console.width:
            left_out.append(column)
            widths[columns.index(column)] = 0
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    shown = [n for n, column in enumerate(columns) if column not in left_out]
    for n in shown:
        column = columns[n]
        justify: Literal["left", "right"] = "right" if column in right else "left"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=column in whole)
    for row in rows:
        table.add_row(*(Text(row[n]) for n in shown))  # Text: what users logged is never markup
    console.print(table)
    if left_out:
        console.print(Text(f"a wider terminal shows {', '.join(sorted(left_out, key=columns.index))} too"), style="dim")


def pairs(title: str, values: Mapping[str, Any], indent: str = "  ") -> None:
    """A titled list of names and values; nothing when empty."""
    if not values:
        return
    click.echo(f"\n{title}")
    width = min(32, max(len(name) for name in values))
    for name, value in values.items():
        click.echo(f"{indent}{name:<{width}}  {value if isinstance(value, str) else short(value)}")


def short(value: Any) -> str:
    """A value in one line: numbers with six digits, the rest as JSON."""
    if isinstance(value, float):
        return number(value)
    if isinstance(value, str):
        return value
    return dumps(value).decode(errors="replace")


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:.6g}"


def ago(then: float | None) -> str:
    """How long ago, in the largest unit that says something."""
    if then is None:
        return "–"
    seconds = max(0.0, time.time() - then)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours}:{minutes:02}:{whole % 60:02}"
    return f"{minutes}:{whole % 60:02}" if whole >= 60 else f"{seconds:.1f} s"


def sparkline(values: FloatColumn | Sequence[float], width: int = 16) -> str:
    """The course of a metric in a few characters: means of equal parts; ``×`` where a part has no finite value."""
    n = len(values)
    if n == 0:
        return ""
    parts: list[float | None] = []
    for index in range(min(width, n)):
        begin, end = index * n // min(width, n), (index + 1) * n // min(width, n)
        finite = [v for v in values[begin:end] if v - v == 0]
        parts.append(sum(finite) / len(finite) if finite else None)
    known = [part for part in parts if part is not None]
    if not known:
        return "×" * len(parts)
    low, span = min(known), (max(known) - min(known)) or 1.0
    return "".join("×" if part is None else BARS[round((part - low) / span * 7)] for part in parts)
