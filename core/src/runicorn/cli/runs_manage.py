"""``runicorn runs tag | note | pin | ... | cleanup | usage | undo``: what people do with many runs at once."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_args

import attrs
import click

from ..managing import CleanupRule, ExperimentManager
from ..model.run import ExperimentRecord, Status
from .finding import find_runs, store_at
from .output import ago, print_json, print_table
from .runs_look import json_option, root_option, tell_unknown

if TYPE_CHECKING:
    from ..managing import Outcome

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
_SIZES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def several(command: Callable[..., Any]) -> Callable[..., Any]:
    """RUN... and --filter, of which one is needed."""
    command = click.option("--filter", "condition", metavar="FILTER", help="All runs that meet this, too.")(command)
    return root_option(click.argument("run", nargs=-1)(command))


def chosen(root: str | None, run: tuple[str, ...], condition: str | None) -> tuple[ExperimentManager, list[Any]]:
    """The manager of a root, and the runs that were named; a name that fits none or several ends the command."""
    store = store_at(root)
    manager = ExperimentManager(store)
    if not run and not condition:
        raise click.UsageError("name runs, or choose them with --filter")
    records: list[ExperimentRecord] = list(find_runs(store, run))
    if condition:
        found = manager.search(filter=condition)
        if not found:
            tell_unknown(store, condition)
        records += found
    return manager, records


def tell(outcome: Outcome, done: str) -> None:
    """One line for each run; exit with 1 when one failed, with 2 when all did."""
    for folder in outcome.changed:
        click.echo(f"{folder} {done}")
    for name, reason in outcome.errors.items():
        click.echo(f"{name}: {reason}", err=True)
    if not outcome.changed and not outcome.errors:
        click.echo("no run was meant", err=True)
    if outcome.errors:
        sys.exit(1 if outcome.changed else 2)


@click.command()
@several
@click.option("--add", multiple=True, metavar="TAG", help="May be given several times.")
@click.option("--remove", multiple=True, metavar="TAG", help="May be given several times.")
def tag(
    run: tuple[str, ...], condition: str | None, root: str | None, add: tuple[str, ...], remove: tuple[str, ...]
) -> None:
    """Add tags to runs, and take some away."""
    if not add and not remove:
        raise click.UsageError("give --add TAG or --remove TAG")
    manager, records = chosen(root, run, condition)
    tell(manager.tag(records, add, remove=remove), "tagged")


@click.command()
@several
@click.option("--text", required=True, help="The new note; an empty one removes it.")
def note(run: tuple[str, ...], condition: str | None, root: str | None, text: str) -> None:
    """Replace the note of runs."""
    manager, records = chosen(root, run, condition)
    tell(manager.note(records, text), "has the note")


@click.command()
@several
@click.option("--off", is_flag=True, help="No more.")
def pin(run: tuple[str, ...], condition: str | None, root: str | None, off: bool) -> None:
    """Show runs first, and keep clean-ups away from them."""
    manager, records = chosen(root, run, condition)
    tell(manager.pin(records, not off), "unpinned" if off else "pinned")


@click.command()
@several
@click.option("--off", is_flag=True, help="Show them again.")
def archive(run: tuple[str, ...], condition: str | None, root: str | None, off: bool) -> None:
    """Hide runs from lists; nothing is removed."""
    manager, records = chosen(root, run, condition)
    tell(manager.archive(records, not off), "shown again" if off else "archived")


@click.command()
@click.argument("run")
@click.argument("name")
@root_option
def rename(run: str, name: str, root: str | None) -> None:
    """Show RUN as NAME; its id stays. An empty name shows the id again."""
    manager, records = chosen(root, (run,), None)
    tell(manager.rename(records[0], name), f"is shown as {name}" if name else "is shown by its id")


@click.command()
@several
@click.option("--name", required=True, help="Of the group; empty: the one that the process gave.")
def group(run: tuple[str, ...], condition: str | None, root: str | None, name: str) -> None:
    """Put runs into a group."""
    manager, records = chosen(root, run, condition)
    tell(manager.group(records, name), f"is in group {name}" if name else "is in its own group")


@click.command()
@several
@click.option("--project", help="Its new project.")
@click.option("--name", help="Its new name; may have several segments with /.")
def move(run: tuple[str, ...], condition: str | None, root: str | None, project: str | None, name: str | None) -> None:
    """Move runs to another project or name. A run that is being written stays."""
    if project is None and name is None:
        raise click.UsageError("give --project or --name")
    manager, records = chosen(root, run, condition)
    tell(manager.move(records, project, name), "is where it is now")


@click.command()
@click.option("--older-than", metavar="AGE", help="Since their end: 30d, 12h, 2w.")
@click.option("--larger-than", metavar="SIZE", help="On disk: 500M, 2G.")
@click.option("--status", multiple=True, type=click.Choice(get_args(Status)), help="May be given several times.")
@click.option("--project", help="Only runs of this project.")
@click.option("--yes", is_flag=True, help="Do it. Without this, only say which runs are meant.")
@root_option
@json_option
def cleanup(
    older_than: str | None,
    larger_than: str | None,
    status: tuple[Status, ...],
    project: str | None,
    yes: bool,
    root: str | None,
    as_json: bool,
) -> None:
    """Move runs to the recycle bin by age, size and status; running, pinned and archived ones stay."""
    rule = CleanupRule(
        None if older_than is None else _measured(older_than, "--older-than", _UNITS),
        status,
        None if larger_than is None else int(_measured(larger_than, "--larger-than", _SIZES)),
        project,
    )
    found = ExperimentManager(store_at(root)).cleanup(rule, dry_run=not yes)
    if as_json:
        print_json([{"run": ref.folder, "deleted": found.done} for ref in found.runs])
    else:
        for ref in found.runs:
            click.echo(f"{ref.folder} {'moved to the recycle bin' if found.done else 'would be moved'}")
        for name, reason in found.errors.items():
            click.echo(f"{name}: {reason}", err=True)
        hint = "" if found.done or not found.runs else "; do it with --yes"
        click.echo(f"{len(found.runs)} runs, {size(found.bytes)}{hint}", err=True)
    if found.errors:
        sys.exit(1)


def _measured(text: str, option: str, units: dict[str, float] | dict[str, int]) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)", text.strip())
    unit = "" if match is None else match[2]
    if units is _SIZES:
        unit = re.sub("I?B$", "", unit.upper())  # MB and MiB are M, and a mere B is no unit
    if match is None or unit not in units:
        known = ", ".join(f"10{unit}" for unit in units if unit)
        raise click.BadParameter(f"{text!r} is no measure; write it like {known}", param_hint=option)
    return float(match[1]) * units[unit]


@click.command()
@root_option
@json_option
def usage(root: str | None, as_json: bool) -> None:
    """Tell how much disk space each project takes."""
    rows = ExperimentManager(store_at(root)).usage()
    if as_json:
        print_json([attrs.asdict(row) for row in rows])
        return
    cells = [[r.project, str(r.runs), size(r.bytes), str(r.deleted_runs), size(r.deleted_bytes)] for r in rows]
    columns = ["PROJECT", "RUNS", "SIZE", "IN THE BIN", "THEIR SIZE"]
    print_table(columns, cells, right=columns[1:])


def size(count: int) -> str:
    """Bytes for people."""
    amount, units = float(count), ["B", "KB", "MB", "GB", "TB"]
    while amount >= 1024 and len(units) > 1:
        amount, units = amount / 1024, units[1:]
    return f"{amount:.0f} {units[0]}" if units[0] == "B" else f"{amount:.1f} {units[0]}"


@click.command()
@click.argument("change", required=False)
@click.option("--list", "show", is_flag=True, help="Say what can be undone.")
@root_option
@json_option
def undo(change: str | None, show: bool, root: str | None, as_json: bool) -> None:
    """Undo the last change of runs, or CHANGE. Removing for good cannot be undone."""
    manager = ExperimentManager(store_at(root))
    if not show:
        tell(manager.undo(change), "is as it was")
        return
    changes = manager.changes()
    if as_json:
        print_json(
            [{"id": c.id, "time": c.time, "what": c.what, "runs": [s["folder"] for s in c.steps]} for c in changes]
        )
        return
    print_table(["CHANGE", "WHEN", "WHAT"], [[c.id, ago(c.time), c.what] for c in changes])
