"""Artifacts that come with a run from another tool go to the plugin that keeps such."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ..contracts.archive import ArtifactKeeper
from ..errors import Cancelled, RunicornError, StorageFull
from ..hooks import archive_parts
from ..security import spell_segment
from .noted import joined

if TYPE_CHECKING:
    from ..model.run import RunRef
    from .incoming import IncomingRun


def keeper() -> ArtifactKeeper | None:
    """The first part of the active plugins that keeps artifacts."""
    return next((part for _, part in sorted(archive_parts().items()) if isinstance(part, ArtifactKeeper)), None)


def keep_artifacts(root: Path, place: RunRef | None, incoming: IncomingRun) -> int:
    """Store what came, and name it in the run's document. One that cannot be kept is left out with the reason.

    :returns: how many versions are new here.
    """
    keeping = keeper()
    noted: dict[str, list[dict[str, Any]]] = {}
    fresh = 0
    for artifact in incoming.artifacts:
        incoming.advance(0)  # whoever stops the import is heard
        assert keeping is not None
        named = evolve(artifact, type=spell_segment(artifact.type), name=spell_segment(artifact.name))
        try:
            link, new = keeping.keep(root, place, named)
        except (Cancelled, StorageFull):
            raise
        except (RunicornError, OSError) as error:
            incoming.left_out(f"artifacts that could not be kept ({error})")
            continue
        note = {"name": link.name, "type": link.type, "version": link.version, "size": link.size, "files": link.files}
        fresh += new
        noted[artifact.role] = joined(noted.get(artifact.role, ()), [note])
    incoming.document("artifacts", {role: [*notes] for role, notes in noted.items()})
    return fresh
