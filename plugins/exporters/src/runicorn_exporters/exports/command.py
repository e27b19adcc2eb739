"""``runicorn export``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from runicorn.contracts import FolderExporter
from runicorn.errors import InvalidArgument
from runicorn.filters import choose_runs, parse, unknown_fields
from runicorn.hooks import (
    ExportProgress,
    Offers,
    Selection,
    export_runs,
    export_to_file,
    export_to_folder,
    exporters,
    find_runs,
    open_store,
)

from ..options import listed, parsed
from ..showing import bar
from .endings import ending_of, meant_by, suffix_for
from .told import told_of

if TYPE_CHECKING:
    from runicorn.contracts import Exporter


@click.command()
@click.argument("runs", nargs=-1)
@click.option("--format", "name", help="The format; --list shows those of the active plugins.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file or folder; - is standard output.")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="An option of the format.")
@click.option("--filter", "condition", metavar="FILTER", help="Instead of ids: runs that meet this, newest first.")
@click.option("--root", type=click.Path(file_okay=False, path_type=Path), help="Storage root; default: as configured.")
@click.option("--list", "show", is_flag=True, help="List the formats and their options.")
def export(
    runs: tuple[str, ...],
    name: str | None,
    output: Path | None,
    options: tuple[str, ...],
    condition: str | None,
    root: Path | None,
    show: bool,
) -> None:
    """Write runs into a file of another format: all of it, or none."""
    known = exporters()
    if show:
        _list(known)
        return
    if bool(runs) is (condition is not None):
        raise click.UsageError("which runs? Give either their ids or --filter (see: runicorn runs list)")
    exporter = known.get(_format(name, output, known))
    if exporter is None:
        raise InvalidArgument("--format", str(name), f"is unknown; there are: {', '.join(sorted(known)) or 'none'}")
    chosen = parsed(options)
    store = open_store(root)
    try:
        records = find_runs(store, runs) if condition is None else choose_runs(store, condition)
        if not records:
            hints = "".join(f"; {unknown}" for unknown in unknown_fields(store, parse(condition or "")))
            raise click.UsageError(f"no run below {store.root} meets {condition}{hints}")
        selection = Selection(store, [record.ref for record in records])
        if output == Path("-"):
            export_runs(exporter.name, selection, sys.stdout.buffer, chosen)
            return
        chosen = meant_by(exporter, output) | chosen
        stem = records[0].ref.id if len(records) == 1 else "runs"
        folder = isinstance(exporter, FolderExporter) and (output is None or output.suffix != ".zip")
        path = output or Path(f"{stem}.{exporter.name}" if folder else stem + suffix_for(exporter, chosen))
        with bar(exporter.name) as drawn:

            def told(at: ExportProgress) -> None:
                drawn(at.done, at.runs, f"run {at.run} of {at.runs}, {told_of(at)}")

            (export_to_folder if folder else export_to_file)(exporter.name, selection, path, chosen, told)
    finally:
        store.close()
    click.echo(path)


def _format(name: str | None, output: Path | None, known: Offers[Exporter]) -> str:
    """What was asked for, or what the suffix of the file says."""
    if name is not None:
        return name
    fitting = [other for other in known if output is not None and ending_of(known[other], output) is not None]
    if len(fitting) != 1:
        raise click.UsageError(f"which format? Give --format with one of: {', '.join(sorted(known)) or 'none'}")
    return fitting[0]


def _list(known: Offers[Exporter]) -> None:
    for name, exporter in sorted(known.items()):
        click.echo(f"{name}\t{exporter.suffix}\t{known.owner(name)}\t{listed(exporter.options)}".rstrip())
