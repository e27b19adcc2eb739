"""``register_storage_backends``, and the choice among them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict

from ..config import StorageSection, load_config
from ..errors import BackendNotFound
from ..loader import Bounded, manager
from ..types import PathLike
from .calling import Offers, named, offers
from .transports import open_root

if TYPE_CHECKING:
    from ..contracts import StorageBackend, Store


def storage_backends() -> Offers[StorageBackend]:
    """Every backend of the active plugins, by name."""
    return offers(
        "register_storage_backends",
        "storage backend",
        lambda backends: named(backends, "capabilities", "probe", "open_store"),
        lambda name, _: f"storage {name}",
    )


def open_store(root: PathLike | None = None, backend: str | None = None) -> Store:
    """Open a storage root with the backend that was named, or the one that fits best.

    :param root: a folder, or an address such as ``ssh://host/path`` that a plugin opens (to read it); None = what the
        configuration says.
    :param backend: a backend's name; None = what the configuration says, else the highest ``probe``.
    :raises BackendNotFound: no active plugin provides it.
    :raises PluginConflict: several plugins provide the one that was named, and nothing is preferred.
    :raises InvalidArgument, StorageError: an address that cannot be opened.
    """
    storage = load_config().storage
    return open_root(storage.root if root is None else root, lambda folder: _open(folder, backend, storage))


def _open(folder: Path, backend: str | None, storage: StorageSection) -> Store:
    known = storage_backends()
    name = backend or storage.backend or _best(known, folder)
    chosen = known.get(name)
    if chosen is None:
        raise BackendNotFound(name, sorted(known))
    return chosen.open_store(folder, asdict(storage))


def _best(known: Offers[StorageBackend], folder: Path) -> str:
    """The backend that fits this root best; of equals the first by name. One that raises or hangs does not fit.

    :raises Exception: what the first one raised, where all of them did.
    """
    if len(known) == 1:
        return next(iter(known))
    current = manager()
    fits: dict[str, float] = {}
    errors: list[Exception] = []
    with Bounded("runicorn-probe") as bounded:
        for name in sorted(known):
            try:
                fits[name] = bounded.call(partial(_fit, known[name], folder), current.rules.hook_limit_s)
            except Exception as error:
                if current.strict or error is not bounded.failure:
                    raise
                current.record_error(known.owner(name), f"probe of {name}", error)
                errors.append(error)
    if errors and not fits:
        raise errors[0]
    return max(fits, key=fits.__getitem__, default="")


def _fit(backend: StorageBackend, folder: Path) -> float:
    return float(backend.probe(folder))
