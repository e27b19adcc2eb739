"""``register_artifact_stores``: which plugin opens an address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from ..errors import InvalidArgument
from .calling import Offers, named, offers

if TYPE_CHECKING:
    from ..contracts import ArtifactStore, BlobStore


@frozen
class ArtifactStores:
    """Every kind of store of the active plugins, by scheme."""

    by_scheme: Offers[ArtifactStore]

    def open(self, uri: str) -> BlobStore:
        """Open the store at an address.

        :raises InvalidArgument: no active plugin takes this kind of address.
        :raises PluginConflict: several do, and nothing is preferred.
        :raises StorageError: it cannot be reached.
        """
        scheme = uri.partition("://")[0].lower() if "://" in uri else "file"
        kind = self.by_scheme.get(scheme)
        if kind is None:
            known = ", ".join(sorted(self.by_scheme)) or "none"
            raise InvalidArgument("store", uri, f"is an address that no active plugin opens (schemes: {known})")
        return kind.open(uri)


def artifact_stores() -> ArtifactStores:
    """What the active plugins offer."""
    known = offers("register_artifact_stores", "artifact store", _by_scheme, lambda name, _: f"store {name}")
    return ArtifactStores(known)


def _by_scheme(kinds: Iterable[ArtifactStore]) -> list[tuple[str, ArtifactStore]]:
    return [(scheme, kind) for _, kind in named(kinds, "schemes", "open") for scheme in sorted(kind.schemes)]
