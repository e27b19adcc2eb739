"""``runicorn runs rm | restore | recover``: what changes something."""

from __future__ import annotations

import click

from .finding import find_runs, store_at
from .runs_look import root_option


@click.command()
@click.argument("run", nargs=-1, required=True)
@click.option("--reason", default="", help="Kept with the mark.")
@click.option("--purge", is_flag=True, help="Remove for good what is in the recycle bin already.")
@click.option("--yes", is_flag=True, help="Do not ask before --purge.")
@root_option
def rm(run: tuple[str, ...], reason: str, purge: bool, yes: bool, root: str | None) -> None:
    """Move runs to the recycle bin; with --purge, remove them from it for good."""
    store = store_at(root)
    records = find_runs(store, run)
    if purge and not yes:
        click.confirm(f"Remove {len(records)} runs for good?", abort=True)
    for record in records:
        if purge:
            store.purge(record.ref)
        else:
            store.soft_delete(record.ref, reason)
        click.echo(f"{record.ref.folder} {'removed' if purge else 'moved to the recycle bin'}")


@click.command()
@click.argument("run", nargs=-1, required=True)
@root_option
def restore(run: tuple[str, ...], root: str | None) -> None:
    """Bring runs back from the recycle bin."""
    store = store_at(root)
    for record in find_runs(store, run):
        store.restore(record.ref)
        click.echo(f"{record.ref.folder} restored")
