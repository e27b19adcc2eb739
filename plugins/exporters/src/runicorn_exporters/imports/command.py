"""``runicorn import``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click
from attrs import asdict
from runicorn.hooks import importers, open_store
from runicorn.managing import Conflict, Imported, ImportProgress, ImportRequest
from runicorn.serialize import dumps

from ..options import listed, parsed
from .several import bring_each
from .unpacked import unpacked

if TYPE_CHECKING:
    from typing import Any


@click.command("import")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--from", "name", metavar="IMPORTER", help="What wrote it; default: what it looks like. See --list.")
@click.option("--project", help="Put the runs into this project instead of their own.")
@click.option(
    "--on-conflict",
    "conflict",
    type=click.Choice(get_args(Conflict)),
    default="skip",
    show_default=True,
    help="When another run has a run's place; update: what has grown since an earlier import is brought up to date.",
)
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="An option of the importer.")
@click.option("--dry-run", is_flag=True, help="Read everything and say what would come; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--root", type=click.Path(file_okay=False, path_type=Path), help="Storage root; default: as configured.")
@click.option("--list", "show", is_flag=True, help="List what can be imported, and the options.")
def import_(
    path: Path | None,
    name: str | None,
    project: str | None,
    conflict: Conflict,
    options: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    root: Path | None,
    show: bool,
) -> None:
    """Bring in runs from an archive, or from what another tool has written: a file or a folder, which is only read.

    Of a folder with several files, such as tables, each is brought in by what reads it.

    Each run comes whole or not at all. Importing again brings only what is missing.
    """
    if show:
        for each, importer in sorted(importers().items()):
            click.echo("\t".join([each, importer.title, importers().owner(each), listed(importer.options)]).rstrip())
        return
    if path is None:
        raise click.UsageError("what is to be imported? Give a file or folder (see --list)")
    store = open_store(root)
    outcomes: list[Imported] = []

    def came(outcome: Imported) -> None:
        outcomes.append(outcome)
        if not as_json:
            _tell(outcome)

    try:
        with unpacked(path) as folder, _progress() as told:
            request = ImportRequest(folder, name, parsed(options), conflict, project, dry_run)
            bring_each(store, request, told, came)
    except KeyboardInterrupt:
        click.echo("stopped; import again to go on", err=True)
        sys.exit(130)
    finally:
        store.close()
    if as_json:
        click.echo(dumps([asdict(outcome) for outcome in outcomes], indent=True), nl=False)
    else:
        _sum_up(outcomes, dry_run=dry_run)
    if any(outcome.became == "failed" for outcome in outcomes):
        sys.exit(1)


def _tell(outcome: Imported) -> None:
    if outcome.became == "failed":
        click.echo(f"{outcome.run or outcome.part or outcome.source}: {outcome.reason}", err=True)
    elif outcome.part:
        said = {"added": _content(outcome), "there": "here already"}.get(outcome.became, outcome.reason)
        left = [f"left out: {what} ({count:,})" for what, count in outcome.left_out.items()]
        click.echo("\n  ".join([f"{outcome.part}: {said}", *outcome.told, *left]))
    elif outcome.brought:
        click.echo(f"{outcome.run}: {_content(outcome)}")
        for what, count in outcome.left_out.items():
            click.echo(f"  left out: {what} ({count:,})")


def _content(outcome: Imported) -> str:
    counts = (
        (outcome.points, "point"),
        (outcome.lines, "line"),
        (outcome.media, "medium"),
        (outcome.artifacts, "artifact"),
        (outcome.bytes, "byte"),
    )
    said = [f"{n:,} {_plural(what, n)}" for n, what in counts if n]
    how = {
        "updated": ", brought up to date",
        "replaced": ", in place of the run that was there",
        "renamed": ", under an id of its own",
    }
    return (", ".join(said) or "empty") + how.get(outcome.became, "")


def _plural(what: str, count: int) -> str:
    return what if count == 1 else "media" if what == "medium" else f"{what}s"


def _sum_up(outcomes: Sequence[Imported], *, dry_run: bool) -> None:
    outcomes = [outcome for outcome in outcomes if not outcome.part]
    brought = sum(outcome.brought for outcome in outcomes)
    points, size = (sum(getattr(outcome, what) for outcome in outcomes) for what in ("points", "bytes"))
    done = "would be imported" if dry_run else "imported"
    said = [f"{n:,} {_plural(what, n)}" for n, what in ((points, "point"), (size, "byte")) if n]
    click.echo(f"{brought:,} {_plural('run', brought)} {done}{': ' if said else ''}{', '.join(said)}")
    reasons: Counter[str] = Counter()
    for outcome in outcomes:
        if outcome.became in ("there", "skipped"):
            reasons[outcome.reason or "here already"] += 1
    for reason, count in reasons.most_common():
        click.echo(f"{count:,} {_plural('run', count)} left as {'it is' if count == 1 else 'they are'}: {reason}")


@contextmanager
def _progress() -> Iterator[Callable[[ImportProgress], object]]:
    """A bar for the run that is being read, on standard error and only in a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("importing")

        def told(progress: ImportProgress) -> None:
            said: dict[str, Any] = {"total": progress.total or None, "completed": progress.done}
            bar.update(task, description=f"{progress.runs + 1}: {progress.run[:40]}", **said)

        yield told
