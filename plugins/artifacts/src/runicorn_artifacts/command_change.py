"""Commands that change versions: aliases, stages, evaluations, the recycle bin."""

from __future__ import annotations

from pathlib import Path

import click
from runicorn.errors import InvalidArgument

from .names import STAGES
from .opening import open_repository

_at_root = click.option(
    "--root", type=click.Path(file_okay=False, path_type=Path), help="Storage root; default: as configured."
)
_force = click.option("--force", is_flag=True, help="Even if something depends on it.")


@click.command()
@click.argument("artifact")
@click.argument("aliases", nargs=-1, required=True)
@click.option("--remove", "take", is_flag=True, help="Take the aliases away instead.")
@_at_root
def alias(artifact: str, aliases: tuple[str, ...], take: bool, root: Path | None) -> None:
    """Point aliases at a version; they leave the version that had them."""
    repository = open_repository(root)
    version = repository.find(artifact)
    for each in aliases:
        if take:
            repository.remove_alias(version, each)
        else:
            repository.set_alias(version, each)
    click.echo(f"{version}: {', '.join(repository.version(version.of, version.number).aliases) or 'no alias'}")


@click.command()
@click.argument("artifact")
@click.argument("stage", type=click.Choice(STAGES))
@click.option("--note", default="", help="Why; kept in the history.")
@_at_root
def promote(artifact: str, stage: str, note: str, root: Path | None) -> None:
    """Move a version to a stage; NAME:STAGE then names it."""
    repository = open_repository(root)
    version = repository.find(artifact)
    repository.promote(version, stage, note)
    click.echo(f"{version}: {version.state.stage or 'no stage'} → {stage}")


@click.command()
@click.argument("artifact")
@click.argument("metrics", nargs=-1, required=True, metavar="NAME=NUMBER...")
@click.option("--dataset", default="", help="What it was evaluated on.")
@_at_root
def evaluate(artifact: str, metrics: tuple[str, ...], dataset: str, root: Path | None) -> None:
    """Keep the outcome of an evaluation with a version."""
    found: dict[str, float] = {}
    for text in metrics:
        name, parted, value = text.partition("=")
        try:
            found[name] = float(value)
        except ValueError:
            parted = ""
        if not parted or not name:
            raise InvalidArgument("metric", text, "must look like accuracy=0.93")
    repository = open_repository(root)
    version = repository.find(artifact)
    repository.evaluate(version, found, dataset)
    click.echo(f"{version}: {', '.join(f'{name}={value:g}' for name, value in found.items())}")


@click.command("rm")
@click.argument("artifacts", nargs=-1, required=True)
@click.option("--permanent", is_flag=True, help="Remove for good instead of moving to the recycle bin.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_force
@_at_root
def remove(artifacts: tuple[str, ...], permanent: bool, yes: bool, force: bool, root: Path | None) -> None:
    """Move versions to the recycle bin (NAME:v3); nothing else is deleted."""
    repository = open_repository(root)
    versions = [repository.find(artifact) for artifact in artifacts]
    if permanent and not yes:
        names = ", ".join(str(version) for version in versions)
        click.confirm(f"Remove {names} for good?", abort=True)
    for version in versions:
        if permanent:
            repository.purge(version, force=force)
        else:
            repository.delete(version, force=force)
        where = "removed; space is freed by: runicorn artifacts gc" if permanent else "moved to the recycle bin"
        click.echo(f"{version}: {where}")


@click.command()
@click.argument("artifacts", nargs=-1, required=True)
@_at_root
def restore(artifacts: tuple[str, ...], root: Path | None) -> None:
    """Bring versions back from the recycle bin (NAME:v3)."""
    repository = open_repository(root)
    for artifact in artifacts:
        version = repository.find(artifact)
        repository.restore(version)
        click.echo(f"{version}: restored")
