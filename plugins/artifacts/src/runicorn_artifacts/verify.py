"""Is everything still what it was? Files are read in full; references are asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from attrs import frozen

from .elsewhere import compared
from .errors import ArtifactDamaged
from .manifest import FileEntry
from .repository import ArtifactRepository
from .version import Version

_PIECE = 1 << 20


@frozen
class Finding:
    """Something that is wrong with a version."""

    version: str
    path: str  # a file, or the address of a reference
    problem: str

    def __str__(self) -> str:
        return f"{self.version} {self.path}: {self.problem}"


def verify(
    repository: ArtifactRepository,
    version: Version,
    *,
    references: bool = False,
    told: Callable[[int], None] | None = None,
) -> list[Finding]:
    """Read and compare.

    :param told: bytes that have been read.
    """
    try:
        manifest = repository.manifest(version)
    except ArtifactDamaged as error:
        return [Finding(str(version), error.path, error.reason)]
    found = []
    for entry in manifest.files:
        problem = _file(repository, version, entry)
        if problem:
            found.append(Finding(str(version), entry.path, problem))
        if told is not None:
            told(entry.size)
    for reference in manifest.references if references else ():
        problem = compared(reference)
        if problem:
            found.append(Finding(str(version), reference.uri, problem))
    return found


def _file(repository: ArtifactRepository, version: Version, entry: FileEntry) -> str:
    digest, size = hashlib.sha256(), 0
    try:
        with repository.open(version, entry) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                size += len(piece)
    except ArtifactDamaged as error:
        return error.reason
    except OSError as error:
        return str(error)
    if size != entry.size:
        return f"has {size} bytes instead of {entry.size}"
    if entry.digest and digest.hexdigest() != entry.digest:
        return "has other content than was committed"
    return ""
