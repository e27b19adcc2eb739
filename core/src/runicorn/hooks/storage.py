"""``register_storage_backends``, and the choice among them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict

from ..config import load_config
from ..errors import BackendNotFound
from ..types import PathLike
from .calling import by_name, each

if TYPE_CHECKING:
    from ..contracts import StorageBackend, Store


def storage_backends() -> dict[str, StorageBackend]:
    """Every backend of the active plugins, by name."""
    return by_name(
        "storage backend",
        ((plugin, backend.name, backend) for plugin, offers in each("register_storage_backends") for backend in offers),
    )


def open_store(root: PathLike | None = None, backend: str | None = None) -> Store:
    """Open a storage root with the backend that was named, or the one that fits best.

    :param root: a folder; None = what the configuration says.
    :param backend: a backend's name; None = what the configuration says, else the highest ``probe``.
    :raises BackendNotFound: no active plugin provides it.
    """
    storage = load_config().storage
    folder = storage.root if root is None else Path(root).expanduser().absolute()
    known = storage_backends()
    name = backend or storage.backend
    if name is None:
        name = max(known, key=lambda candidate: known[candidate].probe(folder), default="")
    if name not in known:
        raise BackendNotFound(name, sorted(known))
    return known[name].open_store(folder, asdict(storage))
