"""Files that a run has put aside with ``wandb.save``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.contracts import IncomingArtifact
from runicorn.errors import UnsafePath
from runicorn.security import join

from .. import wire

if TYPE_CHECKING:
    from runicorn.contracts import RunHead, RunSink

_OTHER = 0  # the type of what is neither wandb's own nor a medium; but media in a folder are such, too
_MEDIA = "media/"
_GONE = "files that were saved, not there or not below what is imported (their names stand in the run's environment)"


class Saved:
    """Gathers them: they become a version of one artifact.

    :param below: what was named for the import; None = bring no content.
    :param note: told of the name of each that does not come.
    """

    def __init__(self, sink: RunSink, below: Path | None, note: Callable[[str, str], None]) -> None:
        self._sink, self._below, self._note = sink, below, note
        self._places: dict[str, Path] = {}  # the folder of files of the part of the run that has saved it last

    def named(self, message: wire.Fields, files: Path) -> None:
        """A ``FilesRecord``.

        :param files: the folder that they lie in.
        """
        for item in wire.each(message, 1):
            found = wire.fields(item)
            name = wire.text(found, 1)
            if name and wire.whole(found, 3) == _OTHER and not name.startswith(_MEDIA):
                self._places[name] = files

    def finish(self, head: RunHead) -> None:
        there = {name: place for name, files in self._places.items() if (place := self._place(name, files))}
        for name in self._places:
            if name not in there:
                self._note("files", name)
                self._sink.left_out(_GONE)
        if there:
            about = {"wandb_run": head.id}
            self._sink.artifact(IncomingArtifact("files", f"{head.project}-files", there, metadata=about))

    def _place(self, name: str, files: Path) -> Path | None:
        """wandb makes links to the files of the training: one is followed only to where all that is imported lies."""
        if self._below is None:
            return None
        base = self._below if self._below.is_dir() else files
        try:
            place = join(base, (files.relative_to(base) / name).as_posix())
        except UnsafePath:
            return None
        return place if place.is_file() else None
