"""``runicorn sql``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, BinaryIO

import click


@click.command()
@click.argument("statement")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["table", "csv", "json", "parquet", "arrow"]),
    default="table",
    show_default=True,
    help="json is an array of row objects.",
)
@click.option(
    "-o", "--output", type=click.File("wb"), default="-", help="A file, in UTF-8; by default standard output."
)
@click.option("--limit", type=click.IntRange(1), help="At most so many rows; a table has 1000 at most without it.")
@click.option("--root", metavar="DIR", help="Storage root; by default the configured one.")
def sql(statement: str, kind: str, output: BinaryIO, limit: int | None, root: str | None) -> None:
    """Ask the runs with SQL. STATEMENT is one SELECT, or the EXPLAIN of one, over the views runs, params, summaries,
    series, metrics, logs, media, alerts, system and artifacts; - reads it from standard input."""
    from ..commands.waiting import show_waiting
    from .reading import open_store
    from .session import run_sql
    from .writing import as_json, told, write_file

    if statement == "-":
        statement = sys.stdin.read()
    if kind == "parquet" and output.isatty():
        raise click.UsageError("Parquet is nothing for a terminal; give a file with -o")
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
    if kind == "table":
        _print(table, output)
    elif kind == "json":
        output.write(as_json(table))
    else:
        write_file(table, kind, output)
    if found.truncated:
        click.echo(f"{table.num_rows} rows are shown; there are more (--limit)", err=True)


def _print(table: Any, output: BinaryIO) -> None:
    """A table in a terminal; tab-separated lines in a pipe or a file."""
    import pyarrow as pa

    from .writing import plain_rows

    if table.column_names == ["explain_key", "explain_value"]:  # a drawing, or a document
        _write((text.rstrip("\n") for text in table["explain_value"].to_pylist()), output)
        return
    rows = [[_cell(cell) for cell in row] for row in plain_rows(table)]
    if not output.isatty():
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


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return str(value)
