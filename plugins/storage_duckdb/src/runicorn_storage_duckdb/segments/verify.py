"""One run checked from its files: segments, event files, media."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen
from runicorn.serialize import loads

from .checking import problems
from .manifest import Manifest, read_manifest
from .sizes import sizes_of
from .sources import digest_of, names_of, stream_of

_HASHED = re.compile(r"[0-9a-f]{64}")


@frozen
class Checked:
    """A sentence for each thing that is wrong. Half a line at the end of a file is what a killed process leaves."""

    wrong: tuple[str, ...]
    lines: int
    points: int


def verify_run(folder: Path) -> Checked:
    """
    :raises StorageError: ``segments.json`` is damaged.
    :raises OSError: a file cannot be read.
    """
    manifest = read_manifest(folder)
    wrong = problems(folder, manifest)
    wrong += _strangers(folder, manifest)
    lines = sum(source.lines for source in manifest.sources)
    for name in names_of(folder):
        if name not in manifest.names and stream_of(name) == "events":
            count, sentences = _events(folder / name)
            lines += count
            wrong += sentences
    wrong += _media(folder)
    return Checked(tuple(wrong), lines, manifest.points)


def bytes_of(folder: Path) -> int:
    """What there is to be read, roughly."""
    sizes = sizes_of(folder)
    return sizes.total + sizes.unsealed


def _strangers(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Files that are sealed and still there, with another content."""
    for source in manifest.sources:
        path = folder / source.name
        if path.exists() and digest_of(path) != source.sha256:
            yield f"{source.name} lies beside the segments, differs from what was sealed, and does not count"


def _events(path: Path) -> tuple[int, list[str]]:
    bad: list[int] = []
    count = 0
    with path.open("rb") as file:
        for count, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                count -= 1
                break
            try:
                loads(line)
            except (ValueError, RecursionError):
                bad.append(count)
    if not bad:
        return count, []
    where = f"line {bad[0]}" if len(bad) == 1 else f"{len(bad)} lines, the first is line {bad[0]}"
    return count, [f"{path.name} holds what is no JSON: {where} of {count}"]


def _media(folder: Path) -> Iterator[str]:
    """Media files are named by the hash of their content."""
    for path in sorted((folder / "media").glob("??/*")):
        name = path.name.partition(".")[0]
        if _HASHED.fullmatch(name) and digest_of(path) != name:
            yield f"media/{path.parent.name}/{path.name} is damaged: its content is not what its name says"
