"""Reading a manifest a run at a time, whatever its size."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

from attrs import frozen
from runicorn.errors import InvalidArgument
from runicorn.serialize import loads

from .models import ManifestEnd, ManifestFile, ManifestHead, ManifestRun, ManifestStatistics

Entry: TypeAlias = ManifestRun | ManifestFile | ManifestEnd


@frozen
class OpenManifest:
    head: ManifestHead
    entries: Iterator[Entry]  # runs by folder, then other files by path, then the end


@contextmanager
def opened(path: Path) -> Iterator[OpenManifest]:
    """A manifest, plain or compressed.

    :raises InvalidArgument: it is none, or not whole.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with cast(IO[bytes], gzip.open(path, "rb") if packed else path.open("rb")) as file:
            yield OpenManifest(_head(path, file), _entries(path, file))
    except (OSError, EOFError) as error:
        raise InvalidArgument("manifest", str(path), f"cannot be read: {error}") from error


def _head(path: Path, file: IO[bytes]) -> ManifestHead:
    line = file.readline(1 << 16).rstrip()
    try:
        found: dict[str, Any] = loads(line.removesuffix(b',"experiments":[') + b"}")
        return ManifestHead(**found)
    except (ValueError, TypeError) as error:
        why = "is no manifest of this version; make one with: runicorn manifest generate"
        raise InvalidArgument("manifest", str(path), why) from error


def _entries(path: Path, file: IO[bytes]) -> Iterator[Entry]:
    runs = True
    for line in file:
        text = line.strip().rstrip(b",")
        if text == b'],"files":[' or not text:
            runs = runs and not text
            continue
        try:
            if text.startswith(b"],"):
                found: Any = loads(b"{" + text[2:])
                yield ManifestEnd(found["snapshot_id"], ManifestStatistics(**found["statistics"]))
                return
            found = loads(text)
            yield _run(found) if runs else ManifestFile(**found)
        except (ValueError, TypeError, KeyError) as error:
            raise InvalidArgument("manifest", str(path), f"holds a line that cannot be read: {error}") from error
    raise InvalidArgument("manifest", str(path), "ends too early; it was not written whole")


def _run(found: dict[str, Any]) -> ManifestRun:
    files = tuple(ManifestFile(**each) for each in found.pop("files"))
    return ManifestRun(**{**found, "tags": tuple(found["tags"]), "files": files})


def flat(entries: Iterator[Entry]) -> Iterator[tuple[tuple[int, str, str], ManifestFile]]:
    """Every file in one order: (0, folder of the run, path) and then (1, "", path)."""
    for entry in entries:
        if isinstance(entry, ManifestRun):
            for file in entry.files:
                yield (0, entry.folder, file.path), file
        elif isinstance(entry, ManifestFile):
            yield (1, "", entry.path), entry


def shown(key: tuple[int, str, str]) -> str:
    """Relative to the root."""
    return f"{key[1]}/{key[2]}" if key[1] else key[2]
