"""Whether segments hold what their manifest says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from runicorn.errors import StorageError
from runicorn.security import join

from .keys import keys_of
from .lines import lines_of, read
from .manifest import Manifest, Segment, Source
from .points import key_counts
from .sources import digest_of

_BATCH = 2048


def check(folder: Path, sources: Sequence[Source], segments: Sequence[Segment]) -> None:
    """Read everything back and compare it: each source byte for byte, each key by count and checksum.

    :raises StorageError: something is missing, damaged, or not what it should be.
    """
    for segment in segments:
        path = segment.path("points")
        found = key_counts(read(folder, path)) if path is not None else {}
        expected_keys = keys_of(folder, segment)
        if found != dict(expected_keys):
            wrong = next(key for key in {*found, *expected_keys} if found.get(key) != expected_keys.get(key))
            raise StorageError("checking", str(folder), f"the points of {wrong!r} are not those that were sealed")
    expected = {source.name: source for source in sources}
    seen: dict[str, list[Any]] = {name: [sha256(), 0, 0] for name in expected}
    for name, data, lines in original(folder, sources, segments):
        if name in seen:
            seen[name][0].update(data)
            seen[name][1] += lines
            seen[name][2] += len(data)
    for name, source in expected.items():
        digest, lines, size = seen[name]
        if (digest.hexdigest(), lines, size) != (source.sha256, source.lines, source.bytes):
            raise StorageError("checking", str(folder), f"{name} would not come back as it was")


def original(folder: Path, sources: Sequence[Source], segments: Sequence[Segment]) -> Iterator[tuple[str, bytes, int]]:
    """(source, bytes, lines) in pieces, as they stood in the files. Pieces of one source are in order.

    :raises StorageError: a segment cannot be read, or is damaged.
    """
    left = {source.name: source.lines for source in sources}
    torn = {source.name for source in sources if source.torn}
    name = ""
    batch: list[bytes] = []
    for segment in segments:
        for file, line in lines_of(folder, segment):
            if file != name or len(batch) >= _BATCH:
                if batch:
                    yield _piece(name, batch, left, torn)
                name, batch = file, []
            batch.append(line)
    if batch:
        yield _piece(name, batch, left, torn)


def _piece(name: str, batch: list[bytes], left: dict[str, int], torn: set[str]) -> tuple[str, bytes, int]:
    left[name] = left.get(name, 0) - len(batch)
    end = b"" if left[name] == 0 and name in torn else b"\n"
    return name, b"\n".join(batch) + end, len(batch)


def problems(folder: Path, manifest: Manifest) -> list[str]:
    """What is wrong with a sealed run, a sentence each; empty when nothing is."""
    found: list[str] = []
    whole = True
    for segment in manifest.segments:
        for file in segment.files:
            place = join(folder, file.path)
            try:
                if digest_of(place) != file.sha256:
                    found.append(f"{file.path} is damaged: its checksum is not the one in segments.json")
                    whole = False
            except OSError as error:
                found.append(f"{file.path} cannot be read: {error.strerror or type(error).__name__}")
                whole = False
    if whole:
        try:
            check(folder, manifest.sources, manifest.segments)
        except StorageError as error:
            found.append(error.reason)
    return found
