"""Artifacts of wandb: those that were logged, with the files that wandb has kept, and those that a run used."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.contracts import IncomingArtifact
from runicorn.errors import UnsafePath
from runicorn.security import join
from runicorn.serialize import loads
from runicorn.types import JSONObject

from .. import wire
from .manifests import Entry, entries_of

if TYPE_CHECKING:
    from runicorn.contracts import RunSink

#: Artifacts that wandb makes of a run by itself.
_OWN = ("run_table", "wandb-history", "job", "wandb-run-incremental-table")
_VERSION = re.compile(r"(?P<name>.+):(?P<version>v\d+)$")
_NOTED = "artifacts (their names stand in the run's environment)"


class Artifacts:
    """Takes the records of artifacts of one run."""

    def __init__(self, sink: RunSink, below: Path | None, note: Callable[[str, str], None]) -> None:
        """
        :param below: what was named for the import: downloads that lie in it are read; None = bring no content.
        :param note: told of what is only noted: a list's name, and the artifact's.
        """
        self._sink, self._below, self._note = sink, below, note
        self._tables: dict[str, wire.Fields] = {}
        self._named: set[str] = set()

    def logged(self, message: wire.Fields, run: Path) -> None:
        """An ``ArtifactRecord``: with its content where that still waits for being sent, or is in wandb's cache.

        :param run: the run's folder.
        """
        kind, name = wire.text(message, 4), wire.text(message, 5)
        if kind in _OWN:
            self._tables[wire.text(message, 15)] = message  # read when the history comes to the table
            return
        used = wire.whole(message, 10) != 0  # "use after commit": it was handed to use_artifact
        artifact = _artifact(message, run, used=used) if self._below is not None else None
        if artifact is None:
            self._noted("artifacts_used" if used else "artifacts_created", f"{kind}/{name}")
        else:
            self._named.add(f"{kind}/{name}" if used else "")
            self._sink.artifact(artifact)

    def used(self, message: wire.Fields, run: Path) -> None:
        """A ``UseArtifactRecord``: with its content where the download of it lies beside the run."""
        kind, name = wire.text(message, 2), wire.text(message, 3)
        found = _VERSION.match(name.rpartition("/")[2])
        base = found["name"] if found else name
        if kind in _OWN or f"{kind}/{base}" in self._named:
            return  # its own, or told by the record before
        files = _downloaded(found[0], run, self._below) if found and self._below is not None else {}
        if not files:
            self._noted("artifacts_used", f"{kind}/{name}")
            return
        about: JSONObject = {"wandb_version": found["version"]} if found else {}
        self._sink.artifact(IncomingArtifact(kind, base, files, metadata=about, role="used"))

    def table(self, address: object, run: Path) -> dict[str, Entry]:
        """The files of the artifact that a table was logged in; empty where nothing is known of it.

        :param address: what the history names: ``wandb-client-artifact://<its id>/<file>``.
        """
        mark = str(address).removeprefix("wandb-client-artifact://").partition("/")[0]
        message = self._tables.pop(mark, None)
        entries = entries_of(message, run) if message is not None else None
        return {entry.path: entry for entry in entries or ()}

    def _noted(self, role: str, name: str) -> None:
        self._note(role, name)
        self._sink.left_out(_NOTED)


def _artifact(message: wire.Fields, run: Path, *, used: bool) -> IncomingArtifact | None:
    """With all its files; None where one of them is not what it was, or not there any more."""
    entries = entries_of(message, run)
    if not entries:
        return None
    files: dict[str, Path] = {}
    for entry in entries:
        if entry.reference:
            continue
        content = entry.content(run)
        if content is None:
            return None
        files[entry.path] = content
    return IncomingArtifact(
        type=wire.text(message, 4),
        name=wire.text(message, 5),
        files=files,
        references=[entry.reference for entry in entries if "://" in entry.reference],
        description=wire.text(message, 7),
        metadata=_metadata(wire.raw(message, 8)),
        aliases=_texts(message, 11),
        tags=_texts(message, 19),
        role="used" if used else "created",
    )


def _downloaded(name: str, run: Path, below: Path | None) -> dict[str, Path]:
    """What ``artifact.download()`` has made in the folder that the run was started in: ``artifacts/<name>:v<N>``.

    Only within what was named for the import: a record may name any folder.
    """
    place = run.absolute().parent.parent / "artifacts"
    for spelled in (name, name.replace(":", "-")):
        try:
            folder = join(place, spelled).resolve()
        except UnsafePath:
            continue
        if below is not None and below.resolve() in folder.parents and folder.is_dir():
            found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
            return {path.relative_to(folder).as_posix(): path for path in found}
    return {}


def _texts(message: wire.Fields, field: int) -> list[str]:
    return [text.decode("utf-8", "replace") for text in wire.each(message, field)]


def _metadata(data: bytes) -> JSONObject:
    try:
        found = loads(data) if data else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
