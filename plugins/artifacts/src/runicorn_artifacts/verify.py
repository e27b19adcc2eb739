"""Is everything still what it was? Files are read in full; references are asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from attrs import frozen

from .errors import ArtifactDamaged
from .manifest import FileEntry, Reference
from .repository import ArtifactRepository
from .version import Version

_PIECE = 1 << 20
_PATIENCE_S = 20.0


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
        problem = _reference(reference)
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


def _reference(reference: Reference) -> str:
    scheme = urlsplit(reference.uri).scheme
    try:
        if scheme == "file":
            return _local(reference)
        if scheme in ("http", "https"):
            return _web(reference)
        return _elsewhere(reference)
    except (OSError, URLError, ValueError) as error:
        return f"cannot be reached: {error}"


def _local(reference: Reference) -> str:
    path = Path(unquote(urlsplit(reference.uri).path))
    if not path.is_file():
        return "is missing"
    size = path.stat().st_size
    if reference.size is not None and size != reference.size:
        return f"has {size} bytes instead of {reference.size}"
    kind, _, stated = (reference.checksum or "").partition(":")
    if not stated:
        return ""
    if kind not in ("sha256", "sha1", "md5"):
        return f"has a checksum of an unknown kind: {kind}"
    with path.open("rb") as file:
        return "" if hashlib.file_digest(file, kind).hexdigest() == stated else "has other content than was stated"


def _web(reference: Reference) -> str:
    request = Request(reference.uri, method="HEAD")  # noqa: S310 (http and https only, see above)
    with urlopen(request, timeout=_PATIENCE_S) as answer:  # noqa: S310
        size, etag = answer.headers.get("Content-Length"), answer.headers.get("ETag")
    if reference.size is not None and size is not None and int(size) != reference.size:
        return f"has {size} bytes instead of {reference.size}"
    kind, _, stated = (reference.checksum or "").partition(":")
    if kind == "etag" and etag is not None and etag.strip('"') != stated.strip('"'):
        return "has another ETag than was stated"
    return ""


def _elsewhere(reference: Reference) -> str:
    try:
        import fsspec
    except ImportError:
        return "cannot be checked without fsspec; run: pip install 'runicorn-artifacts[remote]'"
    try:
        system, path = fsspec.core.url_to_fs(reference.uri)
        info = system.info(path)
    except ImportError as error:
        return f"cannot be checked: {error}"
    size, etag = info.get("size"), info.get("ETag")
    if reference.size is not None and size is not None and size != reference.size:
        return f"has {size} bytes instead of {reference.size}"
    kind, _, stated = (reference.checksum or "").partition(":")
    if kind == "etag" and etag is not None and str(etag).strip('"') != stated.strip('"'):
        return "has another ETag than was stated"
    return ""
