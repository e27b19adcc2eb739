"""What comes beside runs: files of an archive go to the plugin that put them there, artifacts to who keeps such."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from ..hooks import archive_parts, importers
from .failing import outcome_of
from .imported import Imported
from .incoming import IncomingRun
from .keeping import keep_artifacts
from .staging import staging

if TYPE_CHECKING:
    from ..contracts import Importer, RunSource


def bring_part(root: Path, source: RunSource, preview: bool, told: Callable[[int], None]) -> Imported:
    """Read the part, and let its plugin place what is not there yet.

    In a preview everything is read and compared; what would be new is not known before it is placed.
    """
    name = source.head.part
    outcome = Imported(source.head.source, "", "added", part=name)
    part = archive_parts().get(name)
    if part is None:
        return evolve(outcome, became="skipped", reason=f"no active plugin brings in {name}")

    def work() -> Imported:
        if preview:
            incoming = IncomingRun(None, told)
            source.read(incoming)
            return evolve(outcome, bytes=incoming.bytes)
        with staging(root) as beside:
            folder = beside / "run"
            folder.mkdir()
            incoming = IncomingRun(folder, told)
            source.read(incoming)
            placed = part.place(root, folder)
        became = outcome.became if placed.added else "there"
        return evolve(outcome, became=became, bytes=incoming.bytes, told=tuple(placed.told))

    return outcome_of(outcome, root, lambda: archive_parts().owner(name), work)


def bring_runless(
    root: Path, source: RunSource, importer: Importer, preview: bool, told: Callable[[int], None]
) -> Imported:
    """Keep artifacts that no run has made."""
    outcome = Imported(source.head.source, "", "added", part="artifacts")

    def work() -> Imported:
        incoming = IncomingRun(None, told)
        source.read(incoming)
        fresh = len(incoming.artifacts) if preview else keep_artifacts(root, None, incoming)
        return evolve(
            outcome,
            became="added" if fresh else "there",
            artifacts=len(incoming.artifacts),
            bytes=incoming.bytes,
            left_out=dict(sorted(incoming.omitted.items())),
        )

    return outcome_of(outcome, root, lambda: importers().owner(importer.name), work)
