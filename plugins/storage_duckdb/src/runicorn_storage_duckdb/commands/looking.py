"""``runicorn storage info`` and ``stats``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from attrs import asdict
from runicorn.hooks import open_store

from .choosing import chosen_runs, json_option, root_option, run_options
from .telling import many, print_json, print_table, size


@click.command()
@root_option
@json_option
def info(root: Path | None, as_json: bool) -> None:
    """Where runs are stored, how many there are, and what they take."""
    from ..segments.sizes import Sizes, sizes_of

    store = open_store(root)
    records = store.list_runs(deleted=None)
    total, sealed, part = Sizes(), 0, 0
    for record in records:
        sizes = sizes_of(store.open_run(record.ref).folder)
        total += sizes
        sealed += sizes.sealed > 0 and not sizes.plain
        part += sizes.sealed > 0 and sizes.plain > 0
    running = sum(record.status == "running" for record in records)
    deleted = sum(record.deleted_at is not None for record in records)
    store.close()
    if as_json:
        print_json(
            {
                "root": str(store.root),
                "backend": store.backend,
                "runs": len(records),
                "running": running,
                "sealed": sealed,
                "partly_sealed": part,
                "deleted": deleted,
                "bytes": asdict(total, filter=lambda field, _: field.name != "damaged"),
                "damaged": total.damaged,
            }
        )
        return
    click.echo(f"root      {store.root}")
    click.echo(f"backend   {store.backend}")
    states = [f"{running:,} running", f"{sealed:,} sealed", f"{deleted:,} in the recycle bin"]
    click.echo(f"runs      {len(records):,}: {', '.join(states)}")
    click.echo(f"plain     {size(total.plain)} of event and log files")
    gain = f", {size(total.unsealed)} before" if total.sealed else ""
    click.echo(f"sealed    {size(total.sealed)}{gain}")
    click.echo(f"media     {size(total.media)}")
    click.echo(f"other     {size(total.other)}")
    _tell(total.damaged)


@click.command()
@run_options
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many runs to show.")
def stats(runs: tuple[str, ...], project: str | None, root: Path | None, as_json: bool, limit: int) -> None:
    """What each run takes on the disk, the largest first."""
    from ..segments.sizes import sizes_of

    store = open_store(root)
    rows = [
        (record.ref.folder, record.status, sizes_of(store.open_run(record.ref).folder))
        for record in chosen_runs(store, runs, project)
    ]
    store.close()
    rows.sort(key=lambda row: -row[2].total)
    if as_json:
        print_json([{"run": run, "status": status, **asdict(sizes)} for run, status, sizes in rows[:limit]])
        return
    print_table(
        ("run", "status", "plain", "sealed", "before", "points", "media", "other", "total"),
        [
            (
                run,
                status,
                *(size(count) for count in (sizes.plain, sizes.sealed, sizes.unsealed)),
                f"{sizes.points:,}",
                *(size(count) for count in (sizes.media, sizes.other, sizes.total)),
            )
            for run, status, sizes in rows[:limit]
        ],
        right=("plain", "sealed", "before", "points", "media", "other", "total"),
    )
    if len(rows) > limit:
        click.echo(f"and {many(len(rows) - limit, 'more run')}; see --limit")
    for *_, sizes in rows:
        _tell(sizes.damaged)


def _tell(damaged: Iterable[str]) -> None:
    for sentence in damaged:
        click.echo(f"warning: {sentence}", err=True)
