"""``runicorn storage verify``."""

from __future__ import annotations

from pathlib import Path

import click
from runicorn.errors import StorageError
from runicorn.hooks import open_store

from .choosing import chosen_runs, run_options
from .telling import many, print_json, progress


@click.command()
@run_options
def verify(runs: tuple[str, ...], project: str | None, root: Path | None, as_json: bool) -> None:
    """Check every run: segments, event files and media; exit with 1 and say what is wrong where something is."""
    from ..segments.verify import bytes_of, verify_run

    store = open_store(root)
    records = chosen_runs(store, runs, project)
    folders = [(record.ref.folder, store.open_run(record.ref).folder) for record in records]
    found: list[dict[str, object]] = []
    lines = points = 0
    with progress("checking", sum(bytes_of(folder) for _, folder in folders)) as tick:
        for run, folder in folders:
            try:
                checked = verify_run(folder)
            except (StorageError, OSError) as error:
                found.append({"run": run, "wrong": [str(error)], "lines": 0, "points": 0})
            else:
                lines, points = lines + checked.lines, points + checked.points
                found.append(
                    {"run": run, "wrong": list(checked.wrong), "lines": checked.lines, "points": checked.points}
                )
            tick(bytes_of(folder))
    store.close()
    wrong = [(str(one["run"]), sentence) for one in found for sentence in one["wrong"]]  # type: ignore[attr-defined]
    if as_json:
        print_json(found)
    else:
        for run, sentence in wrong:
            click.echo(f"{run}: {sentence}", err=True)
        click.echo(
            f"{many(len(found), 'run')} checked, {many(points, 'sealed point')}, {many(lines, 'line')}: "
            + (f"{many(len(wrong), 'thing')} wrong" if wrong else "nothing is wrong")
        )
    if wrong:
        raise SystemExit(1)
