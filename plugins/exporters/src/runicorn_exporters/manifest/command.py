"""``runicorn manifest``."""

from __future__ import annotations

import gzip
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import click
from runicorn.appearing import appearing
from runicorn.config import load_config
from runicorn.errors import InvalidArgument, StorageError
from runicorn.serialize import dumps

from ..showing import bar
from .comparing import Difference, diff, verify
from .generator import OWN, ManifestGenerator
from .models import Kind, ManifestStatistics
from .reading import OpenManifest, opened

_ROOT = click.option(
    "--root", type=click.Path(file_okay=False, path_type=Path), help="Storage root; default: as configured."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


@click.group()
def manifest() -> None:
    """Lists of every file with its hash: make one, check a root by it, compare two."""


@manifest.command()
@_ROOT
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file; - is standard output.")
@click.option("--active", is_flag=True, help="Only runs that are being written, or ended lately.")
@click.option("--since", "active_s", type=float, default=3600.0, show_default=True, help="How lately, in seconds.")
@click.option("--gzip", "packed", is_flag=True, help="Compressed; also where the file's name ends in .gz.")
def generate(root: Path | None, output: Path | None, *, active: bool, active_s: float, packed: bool) -> None:
    """Write a manifest: whole or not at all. What has not changed since the last one is not read again."""
    folder = root or load_config().storage.folder
    if not folder.is_dir():
        raise InvalidArgument("--root", str(folder), "is no folder; there is nothing to list")
    kind: Kind = "active" if active else "full"
    packed = packed or (output is not None and output.suffix == ".gz")
    path = output or folder / OWN / f"{kind}_manifest.json{'.gz' if packed else ''}"
    generator = ManifestGenerator(folder)
    with ExitStack() as stack, _told() as told:
        if path == Path("-"):
            file: BinaryIO = sys.stdout.buffer
        else:
            file = stack.enter_context(_whole(path))
        if packed:
            file = cast(BinaryIO, stack.enter_context(gzip.GzipFile("", "wb", 6, file, mtime=0)))
        found = generator.generate(file, kind, active_s=active_s, revision=_revision(path) + 1, told=told)
    click.echo(path, err=path == Path("-"))
    click.echo(
        f"{found.total_experiments} runs, {found.total_files} files, {found.total_bytes} bytes; "
        f"{found.hashed_files} files ({found.hashed_bytes} bytes) were read",
        err=True,
    )


@manifest.command("verify")
@click.argument("path", metavar="MANIFEST", required=False, type=click.Path(dir_okay=False, path_type=Path))
@_ROOT
@_JSON
def check(path: Path | None, root: Path | None, *, as_json: bool) -> None:
    """Read every file of a manifest again; exit code 1 where one is missing or changed."""
    folder = root or load_config().storage.folder
    counted = [0, 0]
    with opened(path or _newest(folder)) as found, bar("checking") as show:

        def told(file: object) -> None:
            counted[0] += 1
            counted[1] += getattr(file, "size", 0)
            show(counted[0], None, f"{counted[0]} files")

        wrong = list(verify(found, folder, told))
    _tell(wrong, as_json=as_json, summary=f"{counted[0]} files, {counted[1]} bytes checked")
    if wrong:
        sys.exit(1)


@manifest.command("diff")
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(exists=True, path_type=Path))
@_JSON
def compare(old: Path, new: Path, *, as_json: bool) -> None:
    """Compare two manifests, or storage roots (folders); exit code 1 where they differ."""
    with ExitStack() as stack:
        found = list(diff(*(stack.enter_context(_either(path)) for path in (old, new))))
    _tell(found, as_json=as_json, summary="no difference" if not found else f"{len(found)} differences")
    if found:
        sys.exit(1)


@contextmanager
def _either(path: Path) -> Iterator[OpenManifest]:
    """A manifest, or one of a root that is made for this."""
    if not path.is_dir():
        with opened(path) as found:
            yield found
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "manifest.json"
        with file.open("wb") as out, _told() as told:
            ManifestGenerator(path).generate(out, told=told)
        with opened(file) as found:
            yield found


def _tell(found: list[Difference], *, as_json: bool, summary: str) -> None:
    if as_json:
        click.echo(dumps([{"what": d.what, "path": d.path, "detail": d.detail} for d in found], indent=True), nl=False)
        return
    for each in found:
        click.echo("\t".join(part for part in (each.what, each.path, each.detail) if part))
    click.echo(summary, err=True)


def _newest(root: Path) -> Path:
    known = [root / OWN / f"full_manifest.json{end}" for end in ("", ".gz")]
    there = [path for path in known if path.exists()]
    if not there:
        raise InvalidArgument("manifest", str(known[0]), "does not exist; make one with: runicorn manifest generate")
    return max(there, key=lambda path: path.stat().st_mtime)


def _revision(path: Path) -> int:
    """Of the manifest that is replaced; 0 where there is none."""
    if not path.is_file():  # perhaps a pipe, which nothing comes out of
        return 0
    try:
        with opened(path) as found:
            return found.head.revision
    except InvalidArgument:
        return 0


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file that appears when it is whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with appearing(path) as beside, beside.open("wb") as file:
            yield file
    except OSError as error:
        raise StorageError("writing the manifest", str(path), error.strerror or str(error)) from error


@contextmanager
def _told() -> Iterator[Callable[[ManifestStatistics], object]]:
    with bar("manifest") as show:
        yield lambda found: show(found.total_files, None, f"{found.total_files} files, {found.hashed_bytes} bytes read")
