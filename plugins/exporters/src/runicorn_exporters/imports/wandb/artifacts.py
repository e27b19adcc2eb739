"""Artifacts that were logged offline: the file names where their content waits for being sent."""

from __future__ import annotations

import base64
from hashlib import md5
from pathlib import Path

from runicorn.contracts import IncomingArtifact
from runicorn.security import redact
from runicorn.serialize import loads
from runicorn.types import JSONObject

from .. import wire

#: Where wandb puts what it is to send: below the user's data folder, whatever that is.
_STAGED = "/artifacts/staging/"
_PIECE = 1 << 20


def artifact_of(message: wire.Fields, run: Path) -> IncomingArtifact | None:
    """An ``ArtifactRecord`` with all its files; None where one of them is not what it was, or not there any more.

    A file that came from elsewhere may name any file of this machine as its own: only what wandb has staged, or what
    lies in the run's folder, is looked at, and it must have the checksum that the record knows.

    :param run: the run's folder.
    """
    files: dict[str, Path] = {}
    references = []
    for entry in wire.each(wire.fields(wire.raw(message, 12)), 4):
        item = wire.fields(entry)
        if 3 in item:
            references.append(redact(wire.text(item, 3)))
            continue
        file = Path(wire.text(item, 6))
        if not _is_meant(file, run) or not _holds(file, wire.whole(item, 4), wire.text(item, 2)):
            return None
        files[wire.text(item, 1)] = file
    if not files and not references:
        return None
    return IncomingArtifact(
        type=wire.text(message, 4),
        name=wire.text(message, 5),
        files=files,
        references=[address for address in references if "://" in address],
        description=wire.text(message, 7),
        metadata=_metadata(wire.raw(message, 8)),
        aliases=[alias.decode("utf-8", "replace") for alias in wire.each(message, 11)],
    )


def _is_meant(file: Path, run: Path) -> bool:
    real = file.resolve()
    return _STAGED in real.as_posix() or run.resolve() in real.parents


def _holds(file: Path, size: int, wanted: str) -> bool:
    """Whether the content is the one that was logged."""
    try:
        if not file.is_file() or file.stat().st_size != size:
            return False
        digest = md5(usedforsecurity=False)
        with file.open("rb") as content:
            while piece := content.read(_PIECE):
                digest.update(piece)
    except OSError:
        return False
    return base64.b64encode(digest.digest()).decode() == wanted


def _metadata(data: bytes) -> JSONObject:
    try:
        found = loads(data) if data else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
