"""Artifacts of other tools, as versions: what an import brings with its runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.errors import UnsafePath
from runicorn.model.artifact import ArtifactLink

from .artifact import Artifact
from .lineage import descends_from
from .manifest import RunLink
from .names import STAGES, Name, check_alias
from .opening import open_repository
from .sdk import commit, noted

if TYPE_CHECKING:
    from runicorn.contracts import IncomingArtifact
    from runicorn.model.run import RunRef


def keep(root: Path, run: RunRef | None, incoming: IncomingArtifact) -> tuple[ArtifactLink, bool]:
    """See ``ArtifactKeeper``."""
    artifact = Artifact(incoming.name, incoming.type, incoming.description, incoming.metadata, tags=incoming.tags)
    for place, file in incoming.files.items():
        artifact.add_file(file, place)
    for place, data in incoming.documents.items():
        with artifact.new_file(place) as out:
            out.write(data)
    for address in incoming.references:
        artifact.add_reference(address)
    link = None if run is None else RunLink(run.id, run.project, run.name)
    repository, used = open_repository(root), incoming.role == "used"
    before = repository.numbers(Name(artifact.type, artifact.name))
    version = commit(
        repository,
        artifact,
        _usable(incoming.aliases),
        run=None if used else link,
        number=incoming.number,
        among_all=used,
    )
    if used and link is not None and not descends_from(repository, version.record, link):
        repository.uses.add(version.record.link, link)
    if incoming.stage in STAGES and version.stage is None:  # where somebody has put it since, it stays
        repository.promote(version.record, incoming.stage)
    kept = noted(version)
    return kept, kept.version not in before


def _usable(aliases: Iterable[str]) -> Iterator[str]:
    """Those that do not stand for a version by themselves, as ``latest`` does."""
    for alias in aliases:
        try:
            yield check_alias(alias)
        except UnsafePath:
            continue
