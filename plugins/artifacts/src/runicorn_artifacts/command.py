"""``runicorn artifacts``: looking, committing, fetching. What changes versions stands in ``command_change``, what
checks and cleans the store in ``command_store``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from runicorn.serialize import dumps

from .artifact import Artifact
from .command_change import alias, evaluate, promote, remove, restore
from .command_store import fsck, gc, stats
from .diff import compare
from .handle import ArtifactVersion
from .ingest import Progress, Told
from .lineage import Graph, LineageTracker
from .names import Name
from .opening import open_repository
from .repository import ArtifactRepository
from .sdk import commit
from .tables import ago, bytes_of, table
from .version import Version

as_json = click.option("--json", "json", is_flag=True, help="Print JSON.")
at_root = click.option(
    "--root", type=click.Path(file_okay=False, path_type=Path), help="Storage root; default: as configured."
)


@click.group()
def artifacts() -> None:
    """Versions of models and data: log, download, promote, trace, clean up."""


@artifacts.command("list")
@click.option("--type", "kind", help="Only this type.")
@click.option("--deleted", is_flag=True, help="Versions in the recycle bin too.")
@at_root
@as_json
def list_artifacts(kind: str | None, deleted: bool, root: Path | None, json: bool) -> None:
    """Every artifact and its latest version."""
    repository = open_repository(root)
    found = [(name, repository.versions(name, deleted=deleted)) for name in repository.names(kind)]
    if json:
        _print(
            [
                {"type": name.type, "name": name.name, "versions": len(versions), "latest": versions[-1].document()}
                for name, versions in found
                if versions
            ]
        )
        return
    rows = [_artifact_row(name, versions) for name, versions in found if versions]
    if not rows:
        click.echo(f"No artifacts in {repository.store.uri}. Log one with run.log_artifact, or: runicorn artifacts log")
        return
    click.echo(table(("ARTIFACT", "VERSIONS", "LATEST", "SIZE", "ALIASES", "CREATED"), rows, right=(1, 3)))


def _artifact_row(name: Name, versions: list[Version]) -> tuple[str, ...]:
    last = versions[-1]
    aliases = ", ".join(f"{alias}→v{version.number}" for version in versions for alias in version.aliases[:3])
    size = bytes_of(last.record.size)
    return str(name), str(len(versions)), f"v{last.number}", size, aliases, ago(last.record.created_at)


@artifacts.command()
@click.argument("artifact")
@click.option("--files", "list_files", is_flag=True, help="List the files.")
@at_root
@as_json
def show(artifact: str, list_files: bool, root: Path | None, json: bool) -> None:
    """Everything about an artifact (NAME) or a version (NAME:v3, NAME:best, TYPE/NAME:production)."""
    repository = open_repository(root)
    version = repository.find(artifact)
    if json:
        _print({**version.document(), "manifest": repository.manifest(version).document()})
        return
    _show(repository, version)
    if list_files:
        manifest = repository.manifest(version)
        held = [(f.path, bytes_of(f.size), f.digest[:12]) for f in manifest.files]
        held += [(r.uri, bytes_of(r.size) if r.size is not None else "", r.checksum or "") for r in manifest.references]
        click.echo()
        click.echo(table(("FILE", "SIZE", "SHA-256"), held, right=(1,)))
    elif ":" not in artifact:
        click.echo()
        rows = [
            (
                f"v{each.number}",
                bytes_of(each.record.size),
                str(each.record.files),
                ", ".join(each.aliases),
                each.state.stage or "",
                str(each.record.run or ""),
                ago(each.record.created_at),
            )
            for each in repository.versions(version.of)
        ]
        click.echo(table(("VERSION", "SIZE", "FILES", "ALIASES", "STAGE", "RUN", "CREATED"), rows, right=(1, 2)))


def _show(repository: ArtifactRepository, version: Version) -> None:
    record = version.record
    lines = [
        ("", str(version)),
        ("aliases", ", ".join(version.aliases)),
        ("stage", version.state.stage or ""),
        ("created", f"{ago(record.created_at)}{f' by {record.user}' if record.user else ''}"),
        ("run", str(record.run or "")),
        ("made from", ", ".join(str(parent) for parent in record.parents)),
        ("used by", ", ".join(str(use.run) for use in repository.uses.of(version.link))),
        ("size", f"{bytes_of(record.size)} in {record.files} files, {record.references} references"),
        ("tags", ", ".join(version.tags)),
        ("description", version.description),
        ("metadata", dumps(version.metadata).decode() if version.metadata else ""),
        ("deleted", ago(version.state.deleted_at) if version.state.deleted_at else ""),
    ]
    for label, value in lines:
        if value:
            click.echo(f"{label:<12}{value}" if label else click.style(value, bold=True))


@artifacts.command()
@click.argument("name")
@click.argument("paths", nargs=-1, required=True)
@click.option("--type", "kind", default="model", show_default=True)
@click.option("--alias", "aliases", multiple=True, help="An alias to point at the version; may be given several times.")
@click.option("--description", default="")
@click.option("--ignore", multiple=True, help="A pattern of files to leave out of folders.")
@at_root
@as_json
def log(
    name: str,
    paths: tuple[str, ...],
    kind: str,
    aliases: tuple[str, ...],
    description: str,
    ignore: tuple[str, ...],
    root: Path | None,
    json: bool,
) -> None:
    """Commit files, folders and addresses (s3://, https://) as a version."""
    artifact = Artifact(name, kind, description)
    for path in paths:
        if "://" in path:
            artifact.add_reference(path)
        elif Path(path).is_dir():
            several = len(paths) > 1
            artifact.add_dir(path, Path(path).resolve().name if several else None, ignore or None)
        else:
            artifact.add_file(path)
    with told("storing") as progress:
        version = commit(open_repository(root), artifact, aliases, progress=progress)
    if json:
        _print(version.record.document())
    else:
        click.echo(f"{version.record}  {bytes_of(version.size)}, {len(version.files())} files")


@artifacts.command()
@click.argument("artifact")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Where; default: ./NAME-vN.")
@at_root
def download(artifact: str, output: Path | None, root: Path | None) -> None:
    """Copy the files of a version into a folder, verified."""
    repository = open_repository(root)
    version = ArtifactVersion(repository, repository.find(artifact))
    with told("fetching") as progress:
        folder = version.download(output or Path(f"{version.name}-{version.version}"), progress=progress)
    click.echo(folder)


@artifacts.command()
@click.argument("old")
@click.argument("new")
@click.option("--tensors/--no-tensors", default=True, help="Look into .safetensors and .npz files.")
@at_root
@as_json
def diff(old: str, new: str, tensors: bool, root: Path | None, json: bool) -> None:
    """What is different between two versions."""
    repository = open_repository(root)
    found = compare(repository, repository.find(old), repository.find(new), tensors=tensors)
    if json:
        _print(found.document())
        return
    marks = {"added": "+", "removed": "-", "changed": "~", "reshaped": "~"}
    for change in found.files:
        sizes = " → ".join(bytes_of(size) for size in (change.old_size, change.new_size) if size is not None)
        click.echo(f"{marks[change.change]} {change.path}  {sizes}")
        for tensor in change.tensors:
            shown = tensor.old if tensor.old == tensor.new else " → ".join(t for t in (tensor.old, tensor.new) if t)
            click.echo(f"    {marks[tensor.change]} {tensor.name}  {shown}")
    for uri, change_of in found.references:
        click.echo(f"{marks[change_of]} {uri}")
    for key, (before, after) in found.metadata.items():
        click.echo(f"  metadata.{key}: {dumps(before).decode()} → {dumps(after).decode()}")
    click.echo(f"{found.unchanged} files are the same")


@artifacts.command()
@click.argument("artifact")
@click.option("--depth", default=3, show_default=True, type=click.IntRange(0, 50))
@click.option("--direction", type=click.Choice(["up", "down", "both"]), default="both", show_default=True)
@at_root
@as_json
def lineage(artifact: str, depth: int, direction: Any, root: Path | None, json: bool) -> None:
    """What a version was made from, and what became of it."""
    repository = open_repository(root)
    version = repository.find(artifact)
    graph = LineageTracker(repository).of_version(version, depth, direction)
    if json:
        _print(graph.document())
        return
    for line in _tree(graph, f"artifact:{version.link}"):
        click.echo(line)
    if graph.truncated:
        click.echo("(there is more; give a larger --depth)")


def _tree(graph: Graph, start: str) -> Iterator[str]:
    labels = {node.id: f"({node.label})" if node.kind == "run" else node.label for node in graph.nodes}

    def below(here: str, arrow: str, prefix: str, path: frozenset[str]) -> Iterator[str]:
        if arrow == "←":
            others = [edge.source for edge in graph.edges if edge.target == here]
        else:
            others = [edge.target for edge in graph.edges if edge.source == here]
        for other in others:
            yield f"{prefix}{arrow} {labels[other]}"
            if other not in path:
                yield from below(other, arrow, prefix + "    ", path | {other})

    yield labels.get(start, start)
    yield from below(start, "←", "  ", frozenset([start]))
    yield from below(start, "→", "  ", frozenset([start]))


@contextmanager
def told(doing: str) -> Iterator[Told | None]:
    """A progress bar in a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    bar: Any = click.progressbar(length=1, label=doing, file=sys.stderr)
    with bar:

        def tell(progress: Progress) -> None:
            bar.length = max(1, progress.total)
            bar.label = f"{doing} {progress.files}/{progress.of}"
            bar.update(progress.done - bar.pos)

        yield tell


def _print(value: object) -> None:
    click.echo(dumps(value, indent=True).decode(), nl=False)


for _command in (alias, evaluate, promote, remove, restore, fsck, gc, stats):
    artifacts.add_command(_command)
