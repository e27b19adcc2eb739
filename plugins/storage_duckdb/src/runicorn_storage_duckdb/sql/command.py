"""``runicorn sql``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import click

from ..commands.choosing import there


@click.command()
@click.argument("statement")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["table", "csv", "json", "parquet", "arrow"]),
    help="By default what the name of the file says, else a table; json is an array of row objects.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file, in UTF-8, there whole or not at all; by default standard output, which - is, too.",
)
@click.option("--limit", type=click.IntRange(1), help="At most so many rows; a table has 1000 at most without it.")
@click.option("--root", metavar="DIR", callback=there, help="Storage root; by default the configured one.")
def sql(statement: str, kind: str | None, output: Path | None, limit: int | None, root: str | None) -> None:
    """Ask the runs with SQL. STATEMENT is one SELECT, or the EXPLAIN of one, over the views runs, params, summaries,
    series, metrics, logs, media, alerts, system and artifacts; - reads it from standard input."""
    from ..commands.waiting import show_waiting
    from .reading import open_store
    from .session import run_sql
    from .writing import as_json, kind_of, opened, told, write_file

    output = None if output == Path("-") else output
    kind = kind or kind_of(output)
    if statement == "-":
        statement = sys.stdin.read()
    if kind == "parquet" and output is None and sys.stdout.isatty():
        raise click.UsageError("Parquet is nothing for a terminal; give a file with -o")
    if output is not None and not output.parent.is_dir():
        raise click.UsageError(f"there is no folder {output.parent}")
    most = limit or (1000 if kind == "table" else None)
    store = open_store(root)
    try:
        index = store.index()
        if index is not None:
            show_waiting(store, index)
        found = run_sql(store, statement, limit=most)
    finally:
        store.close()
    if found.unreadable:
        click.echo(f"warning: {told(found.unreadable)}", err=True)
    table = found.table
    with opened(output) as out:
        if kind == "table":
            _print(table, out)
        elif kind == "json":
            out.write(as_json(table))
        else:
            write_file(table, kind, out)
    if found.truncated:
        click.echo(f"{table.num_rows} rows are shown; there are more (--limit)", err=True)


def _print(table: Any, output: BinaryIO) -> None:
    """A table in a terminal; tab-separated lines in a pipe or a file."""
    import pyarrow as pa

    from .writing import plain_rows

    if table.column_names == ["explain_key", "explain_value"]:  # a drawing, or a document
        _write((text.rstrip("\n") for text in table["explain_value"].to_pylist()), output)
        return
    exact = not output.isatty()
    rows = [[_cell(cell, exact=exact) for cell in row] for row in plain_rows(table)]
    if exact:
        _write(("\t".join(" ".join(cell.split()) for cell in line) for line in (table.column_names, *rows)), output)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for field in table.schema:
        number = pa.types.is_integer(field.type) or pa.types.is_floating(field.type) or pa.types.is_decimal(field.type)
        shown.add_column(field.name, justify="right" if number else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))  # Text: what users logged is never markup
    Console().print(shown)


def _write(lines: Iterable[str], output: BinaryIO) -> None:
    for line in lines:
        if output.isatty():
            click.echo(line)  # as the terminal spells it
        else:
            output.write(f"{line}\n".encode())


def _cell(value: Any, *, exact: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value).removesuffix(".0") if exact else _short(value)
    if isinstance(value, list):
        return ", ".join(_cell(item, exact=exact) for item in value)
    return str(value)


def _short(value: float) -> str:
    """Six digits; more of what is large and no power of ten, such as a time."""
    text = f"{value:.6g}"
    return f"{value:.3f}".rstrip("0").rstrip(".") if "e+" in text and abs(value) < 1e15 else text
