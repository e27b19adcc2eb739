"""Commands that look after the store as a whole."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from attrs import asdict
from runicorn.hooks import plugin_section
from runicorn.serialize import dumps

from .cleaning import check, collect, statistics
from .opening import open_repository
from .settings import ArtifactsSection
from .tables import bytes_of, table

_at_root = click.option(
    "--root", type=click.Path(file_okay=False, path_type=Path), help="Storage root; default: as configured."
)
_as_json = click.option("--json", "json", is_flag=True, help="Print JSON.")


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be removed.")
@click.option("--grace", type=float, help="Seconds that a blob without an owner is kept; default: artifacts.gc_grace.")
@_at_root
@_as_json
def gc(dry_run: bool, grace: float | None, root: Path | None, json: bool) -> None:
    """Remove content that no version needs any more."""
    wait = plugin_section("artifacts", ArtifactsSection).gc_grace if grace is None else grace
    done = collect(open_repository(root), grace_s=wait, dry_run=dry_run)
    if json:
        click.echo(dumps(asdict(done), indent=True).decode(), nl=False)
        return
    verb = "would be removed" if dry_run else "removed"
    click.echo(f"{len(done.removed)} blobs {verb}, {bytes_of(done.removed_bytes)}")
    click.echo(f"{done.kept} blobs kept for {done.versions} versions, {bytes_of(done.kept_bytes)}")
    if done.young:
        click.echo(f"{done.young} without a version are younger than {wait:g} s, and stay for now")


@click.command()
@click.option("--references", is_flag=True, help="Ask for what is kept elsewhere, too.")
@_at_root
@_as_json
def fsck(references: bool, root: Path | None, json: bool) -> None:
    """Read everything and compare it with its checksum; exit 1 if something is wrong."""
    repository = open_repository(root)
    total = statistics(repository).stated_bytes
    if sys.stderr.isatty() and not json:
        with click.progressbar(length=max(1, total), label="reading", file=sys.stderr) as bar:
            health = check(repository, references=references, told=bar.update)
    else:
        health = check(repository, references=references)
    if json:
        click.echo(dumps(asdict(health), indent=True).decode(), nl=False)
    else:
        for finding in health.findings:
            click.echo(str(finding))
        click.echo(f"{health.versions} versions, {bytes_of(health.bytes)}: {len(health.findings) or 'no'} problems")
    if health.findings:
        raise click.exceptions.Exit(1)


@click.command()
@_at_root
@_as_json
def stats(root: Path | None, json: bool) -> None:
    """How much is kept, and what storing content once saves."""
    found = statistics(open_repository(root))
    if json:
        click.echo(dumps(asdict(found), indent=True).decode(), nl=False)
        return
    rows = [
        (kind, str(counts["artifacts"]), str(counts["versions"]), bytes_of(counts["bytes"]))
        for kind, counts in sorted(found.by_type.items())
    ]
    click.echo(table(("TYPE", "ARTIFACTS", "VERSIONS", "BYTES"), rows, right=(1, 2, 3)))
    saved = found.stated_bytes - found.stored_bytes
    more = f"; storing content once saves {bytes_of(saved)}" if saved > 0 else ""
    click.echo(f"on disk: {bytes_of(found.stored_bytes)}{more}")
