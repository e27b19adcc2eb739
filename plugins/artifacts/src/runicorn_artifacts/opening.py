"""The repository that the configuration names."""

from __future__ import annotations

from pathlib import Path

from runicorn.config import load_config
from runicorn.hooks import artifact_stores, plugin_section
from runicorn.types import PathLike

from .local_store import FolderStore
from .repository import ArtifactRepository
from .settings import ArtifactsSection


def open_repository(root: PathLike | None = None) -> ArtifactRepository:
    """The artifacts of a storage root.

    :param root: None = the configured one.
    :raises InvalidArgument: no active plugin opens stores at the configured address.
    """
    storage = load_config().storage
    folder = storage.folder if root is None else Path(root).expanduser().absolute()
    address = plugin_section("artifacts", ArtifactsSection).store
    if address:
        return ArtifactRepository(folder, artifact_stores().open(address))
    return ArtifactRepository(folder, FolderStore(folder / "artifacts", durable=storage.durability == "power"))
