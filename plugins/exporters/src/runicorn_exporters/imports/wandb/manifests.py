"""Manifests of artifacts of wandb: which files they hold, and where their content waits for being sent."""

from __future__ import annotations

import base64
import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from hashlib import md5
from pathlib import Path

from attrs import frozen
from platformdirs import user_cache_dir
from runicorn.security import redact_address
from runicorn.serialize import loads

from .. import wire

#: Where wandb puts what it is to send: below the user's data folder, whatever that is.
_STAGED = "/artifacts/staging/"
_PIECE = 1 << 20
_MOST = 1 << 30  # bytes of a manifest that is a file of its own, unpacked
_HEAD = b"wandb-artifact-manifest-v1\n"
_MD5 = "MD5"  # what else there is needs a library


@frozen
class Entry:
    """One file of an artifact, or one address that it refers to."""

    path: str
    digest: str  # base64
    size: int
    reference: str = ""  # free of secrets
    local: str = ""  # where the file was
    algorithm: str = _MD5

    def content(self, run: Path) -> Path | None:
        """The file, where it still is and is what it was.

        A file that came from elsewhere may name any file of this machine as its own: only what wandb has staged or
        cached, or what lies in the run's folder, is looked at, and it must have the checksum that the record knows.

        :param run: the run's folder.
        """
        for place in (Path(self.local) if self.local else None, self._cached()):
            if place is not None and (_is_meant(place, run) or place == self._cached()) and self._holds(place):
                return place
        return None

    def _cached(self) -> Path | None:
        """Where wandb keeps what it has sent or fetched."""
        try:
            digest = base64.b64decode(self.digest, validate=True).hex()
        except ValueError:
            return None
        base = Path(os.environ.get("WANDB_CACHE_DIR") or user_cache_dir("wandb"))
        return base / "artifacts" / "obj" / "md5" / digest[:2] / digest[2:]

    def _holds(self, file: Path) -> bool:
        if self.algorithm != _MD5:
            return False
        hasher = md5(usedforsecurity=False)
        try:
            if not file.is_file() or file.stat().st_size != self.size:
                return False
            with file.open("rb") as content:
                while piece := content.read(_PIECE):
                    hasher.update(piece)
        except OSError:
            return False
        return base64.b64encode(hasher.digest()).decode() == self.digest


def entries_of(artifact: wire.Fields, run: Path) -> list[Entry] | None:
    """What an ``ArtifactRecord`` holds; None where its manifest is a file that is not there, or not what it was.

    :raises ValueError: it is no such record.
    """
    manifest = wire.fields(wire.raw(artifact, 12))
    if 5 not in manifest:
        return [_from_record(wire.fields(entry)) for entry in wire.each(manifest, 4)]
    file = Path(wire.text(manifest, 5))
    if not _is_meant(file, run):
        return None
    try:
        entries = list(_from_file(file))
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError):
        return None
    return entries if _digest(entries) == wire.text(artifact, 6) else None


def _from_record(item: wire.Fields) -> Entry:
    extra = (wire.fields(each) for each in wire.each(item, 16))
    algorithm = [loads(wire.raw(each, 2)) for each in extra if wire.text(each, 1) == "alg"]
    return Entry(
        path=wire.text(item, 1),
        digest=wire.text(item, 2),
        size=wire.whole(item, 4),
        reference=redact_address(wire.text(item, 3)),
        local=wire.text(item, 6),
        algorithm=str(algorithm[0]) if algorithm else _MD5,
    )


def _from_file(file: Path) -> Iterator[Entry]:
    """Since wandb 0.12, where an artifact has more than 100 000 files: a line of JSON for each."""
    left = _MOST
    with gzip.open(file, "rb") as lines:
        while line := lines.readline(left + 1):
            left -= len(line)
            if left < 0:
                raise ValueError("a manifest of more than 1 GiB")
            item = loads(line)
            yield Entry(
                path=str(item["path"]),
                digest=str(item["digest"]),
                size=int(item.get("size") or 0),
                reference=redact_address(str(item.get("ref") or "")),
                local=str(item.get("local_path") or ""),
                algorithm=str((item.get("extra") or {}).get("alg") or _MD5),
            )


def _digest(entries: Iterable[Entry]) -> str:
    """Of a whole manifest, as its artifact's record has it."""
    hasher = md5(_HEAD, usedforsecurity=False)
    for entry in sorted(entries, key=lambda entry: entry.path):
        hasher.update(f"{entry.path}:{entry.digest}\n".encode())
    return hasher.hexdigest()


def _is_meant(file: Path, run: Path) -> bool:
    real = file.resolve()
    return _STAGED in real.as_posix() or run.resolve() in real.parents
