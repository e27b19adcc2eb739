"""Artifacts of other tools, as versions: what an import brings with its runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.errors import UnsafePath
from runicorn.model.artifact import ArtifactLink

from .artifact import Artifact
from .manifest import RunLink
from .names import check_alias
from .opening import open_repository
from .sdk import commit, noted

if TYPE_CHECKING:
    from runicorn.contracts import IncomingArtifact
    from runicorn.model.run import RunRef


def keep(root: Path, run: RunRef, incoming: IncomingArtifact) -> ArtifactLink:
    """See ``ArtifactKeeper``."""
    artifact = Artifact(incoming.name, incoming.type, incoming.description, incoming.metadata)
    for place, file in incoming.files.items():
        artifact.add_file(file, place)
    for address in incoming.references:
        artifact.add_reference(address)
    link = RunLink(run.id, run.project, run.name)
    return noted(commit(open_repository(root), artifact, _usable(incoming.aliases), run=link))


def _usable(aliases: Iterable[str]) -> Iterator[str]:
    """Those that do not stand for a version by themselves, as ``latest`` does."""
    for alias in aliases:
        try:
            yield check_alias(alias)
        except UnsafePath:
            continue
