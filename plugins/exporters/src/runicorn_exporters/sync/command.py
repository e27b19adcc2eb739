"""``runicorn sync``."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing
from pathlib import Path

import attrs
import click
from runicorn.contracts import FileTree
from runicorn.errors import InvalidArgument
from runicorn.hooks import remote_transports, scheme_of
from runicorn.serialize import dumps

from ..showing import bar
from .copying import Outcome, Sync
from .deciding import OnConflict
from .local_tree import LocalTree


@click.command()
@click.argument("source", metavar="SRC")
@click.argument("target", metavar="DST")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--overwrite", is_flag=True, help="Replace also what is newer in DST.")
@click.option(
    "--on-conflict",
    type=click.Choice(["skip", "src", "dst"]),
    default="skip",
    show_default=True,
    help="Where both have made a version of one number with other files: change nothing and exit with 1, "
    "replace DST's by SRC's, or keep DST's.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def sync(source: str, target: str, *, dry_run: bool, overwrite: bool, on_conflict: OnConflict, as_json: bool) -> None:
    """Bring what changed in one storage root to another: folders, or addresses such as ssh://host/path.

    Stopped or killed, it goes on where it was when it is called again. Nothing is removed from DST.
    """
    with ExitStack() as stack:
        ours, theirs = (stack.enter_context(closing(_opened(text))) for text in (source, target))
        _refuse_nonsense(ours, theirs)
        with bar("looking") as show:

            def told(looked: int, total: int, so_far: Outcome) -> None:
                megabytes = (so_far.copied_bytes + so_far.extended_bytes) / 1e6
                show(looked, total, f"{looked} of {total} files, {megabytes:.1f} MB")

            outcome = Sync(ours, theirs, dry_run, overwrite, on_conflict, told).run()
            if isinstance(theirs, LocalTree) and not dry_run:
                theirs.remove_leftovers()
    if as_json:
        click.echo(dumps({"dry_run": dry_run, **attrs.asdict(outcome)}, indent=True), nl=False)
    else:
        _tell(outcome, dry_run=dry_run)
    if not outcome.complete:
        sys.exit(1)


def _opened(text: str) -> FileTree:
    return LocalTree(Path(text)) if scheme_of(text) is None else remote_transports().open(text)


def _refuse_nonsense(source: FileTree, target: FileTree) -> None:
    found = source.stat("")
    if found is None or found.kind != "folder":
        raise InvalidArgument("SRC", source.uri, "is no folder")
    if isinstance(source, LocalTree) and isinstance(target, LocalTree):
        ours, theirs = source.folder.resolve(), target.folder.resolve()
        if ours == theirs or ours in theirs.parents or theirs in ours.parents:
            raise InvalidArgument("DST", target.uri, "lies in SRC, or SRC in it")
    elif source.uri == target.uri:
        raise InvalidArgument("DST", target.uri, "is SRC")


def _tell(outcome: Outcome, *, dry_run: bool) -> None:
    for what in ("joined", "replaced", "kept", "conflicts", "failed"):
        for path, why in getattr(outcome, what):
            click.echo(f"{what.removesuffix('s')}\t{path}\t{why}", err=what in ("conflicts", "failed"))
    would = "would be " if dry_run else ""
    parts = [f"{outcome.copied} files ({outcome.copied_bytes} bytes) {would}copied"]
    parts.append(f"{outcome.extended} ({outcome.extended_bytes} bytes) {would}extended")
    if outcome.removed:
        parts.append(f"{outcome.removed} {would}replaced by segments")
    parts.append(f"{outcome.unchanged} unchanged, {len(outcome.kept)} kept as they are there")
    parts += [f"{len(outcome.conflicts)} conflicts"] if outcome.conflicts else []
    parts += [f"{len(outcome.failed)} failed"] if outcome.failed else []
    click.echo(f"{outcome.runs} new runs; " + ", ".join(parts))
