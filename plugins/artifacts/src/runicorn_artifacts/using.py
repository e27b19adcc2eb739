"""What depends on a version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .errors import ArtifactInUse
from .version import Version

if TYPE_CHECKING:
    from .repository import ArtifactRepository


def children(repository: ArtifactRepository, version: Version) -> Iterator[Version]:
    """Versions that were made from this one."""
    for name in repository.names():
        for other in repository.versions(name):
            if version.link in other.record.parents:
                yield other


def refuse_if_used(repository: ArtifactRepository, version: Version) -> None:
    """
    :raises ArtifactInUse: runs used it, versions come from it, or it is in production.
    """
    users = [f"run {use.run}" for use in repository.uses.of(version.link)]
    users += [str(child) for child in children(repository, version)]
    if version.state.stage == "production":
        users.append("stage production")
    if users:
        raise ArtifactInUse(str(version), users)
