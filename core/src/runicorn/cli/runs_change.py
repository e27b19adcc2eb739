"""``runicorn runs rm | restore | recover``: what changes something."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

import click

from ..managing import ExperimentManager
from ..sdk import spool
from .finding import find_runs, store_at
from .output import print_json
from .runs_look import root_option
from .runs_manage import tell


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
        if not sys.stdin.isatty():
            raise click.UsageError("--purge asks before it removes, and there is no terminal to ask at; pass --yes")
        click.confirm(f"Remove {len(records)} runs for good?", abort=True)
    manager = ExperimentManager(store)
    if purge:
        tell(manager.empty(records), "removed")
        return
    for record in (record for record in records if record.deleted_at is not None):
        click.echo(f"{record.ref.folder} is in the recycle bin already (--purge removes it for good)")
    there = [record for record in records if record.deleted_at is None]
    if there:
        tell(manager.delete(there, reason), "moved to the recycle bin")


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask before.")
@root_option
def empty(yes: bool, root: str | None) -> None:
    """Remove everything in the recycle bin for good, but for runs that are still being written."""
    manager = ExperimentManager(store_at(root))
    count = len(manager.recycle_bin())
    if count == 0:
        click.echo("the recycle bin is empty", err=True)
        return
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("empty asks before it removes, and there is no terminal to ask at; pass --yes")
        click.confirm(f"Remove {count} runs for good?", abort=True)
    tell(manager.empty(), "removed")


@click.command()
@click.argument("run", nargs=-1, required=True)
@root_option
def restore(run: tuple[str, ...], root: str | None) -> None:
    """Bring runs back from the recycle bin."""
    store = store_at(root)
    tell(ExperimentManager(store).restore(find_runs(store, run)), "restored")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def recover(as_json: bool) -> None:
    """Bring home what was logged while the storage could not be written; exit with 1 when something stays."""
    outcomes = spool.recover()
    if as_json:
        print_json(
            [
                {
                    "spool": str(one.spool),
                    "run": one.run and one.run.folder,
                    "records": one.records,
                    "trouble": one.trouble or None,
                }
                for one in outcomes
            ]
        )
    elif not outcomes:
        click.echo("nothing waits to be recovered")
    else:
        _tell(outcomes)
    sys.exit(1 if any(one.trouble for one in outcomes) else 0)


def _tell(outcomes: Sequence[spool.Recovered]) -> None:
    """One line for each run, however many spools it has; one whose run is unknown has a line of its own."""
    home: Counter[str] = Counter()
    staying: dict[tuple[str, str], list[str]] = {}
    for one in outcomes:
        if one.trouble:
            staying.setdefault((one.run.folder if one.run else "", one.trouble), []).append(str(one.spool))
        else:
            home[one.run.folder if one.run else str(one.spool)] += one.records
    for (run, trouble), spools in staying.items():
        click.echo(f"{run + ' in ' if run else ''}{', '.join(spools)}: {trouble}", err=True)
    for run, records in home.items():
        click.echo(f"{run}: {records} {'line' if records == 1 else 'lines'} brought home")
