"""What a version refers to, compared with what was stated of it: asked for, and read where a hash was stated."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from .manifest import Reference

_PATIENCE_S = 20.0
_HASHES = ("sha256", "sha1", "md5")


def compared(reference: Reference) -> str:
    """What is wrong with it, or ""."""
    from http.client import HTTPException

    scheme = urlsplit(reference.uri).scheme
    kind, parted, _ = (reference.checksum or "").partition(":")
    if kind not in ("", "etag", *_HASHES) or bool(kind) is not bool(parted):
        return f"has a checksum of an unknown kind: {kind}"
    try:
        if scheme == "file":
            return _local(reference)
        if scheme in ("http", "https"):
            return _web(reference)
        return _in_a_store(reference)
    except (OSError, HTTPException, ValueError) as error:  # the first one: URLError too
        return f"cannot be reached: {error or type(error).__name__}"


def _local(reference: Reference) -> str:
    path = Path(unquote(urlsplit(reference.uri).path))
    if not path.is_file():
        return "is missing"
    with path.open("rb") as file:
        return _told(reference, path.stat().st_size, None) or _read(reference, file)


def _web(reference: Reference) -> str:
    from urllib.request import Request, urlopen

    method = "GET" if _hash_of(reference) else "HEAD"
    request = Request(reference.uri, method=method)  # noqa: S310 (http and https only, see above)
    with urlopen(request, timeout=_PATIENCE_S) as answer:  # noqa: S310
        size = answer.headers.get("Content-Length")
        wrong = _told(reference, None if size is None else int(size), answer.headers.get("ETag"))
        return wrong or _read(reference, answer)


def _in_a_store(reference: Reference) -> str:
    try:
        import fsspec
    except ImportError:
        return "cannot be checked without fsspec; run: pip install 'runicorn-artifacts[remote]'"
    try:
        system, path = fsspec.core.url_to_fs(reference.uri)
        info = system.info(path)
    except ImportError as error:
        return f"cannot be checked: {error}"
    wrong = _told(reference, info.get("size"), info.get("ETag"))
    if wrong or not _hash_of(reference):
        return wrong
    with system.open(path, "rb") as file:
        return _read(reference, file)


def _told(reference: Reference, size: int | None, etag: object) -> str:
    """What the place says of it."""
    if reference.size is not None and size is not None and size != reference.size:
        return f"has {size} bytes instead of {reference.size}"
    kind, _, stated = (reference.checksum or "").partition(":")
    if kind != "etag":
        return ""
    if etag is None:
        return "has no ETag to compare with"
    return "" if str(etag).strip('"') == stated.strip('"') else "has another ETag than was stated"


def _read(reference: Reference, file: Any) -> str:
    kind = _hash_of(reference)
    if not kind:
        return ""
    digest, size = hashlib.new(kind, usedforsecurity=False), 0
    while piece := file.read(1 << 20):
        digest.update(piece)
        size += len(piece)
    if reference.size is not None and size != reference.size:
        return f"has {size} bytes instead of {reference.size}"
    stated = str(reference.checksum).partition(":")[2]
    return "" if digest.hexdigest() == stated.lower() else "has other content than was stated"


def _hash_of(reference: Reference) -> str:
    kind = (reference.checksum or "").partition(":")[0]
    return kind if kind in _HASHES else ""
