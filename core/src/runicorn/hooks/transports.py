"""``register_remote_transports``: which plugin opens an address of files elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from ..config import scheme_of
from ..errors import InvalidArgument
from ..types import PathLike
from .calling import Offers, named, offers

if TYPE_CHECKING:
    from ..contracts import FileTree, Transport
    from ..contracts.transport import AnyStore

__all__ = ["RemoteTransports", "open_root", "remote_transports", "scheme_of"]


@frozen
class RemoteTransports:
    """Every way to files elsewhere of the active plugins, by scheme."""

    by_scheme: Offers[Transport]

    def open(self, uri: str) -> FileTree:
        """Open the place at an address.

        :raises InvalidArgument: it is no address, or no active plugin opens this kind.
        :raises PluginConflict: several do, and nothing is preferred.
        :raises StorageError: it cannot be reached.
        """
        return self._way(uri).open(uri)

    def open_root(self, uri: str, open_folder: Callable[[Path], AnyStore]) -> AnyStore:
        """Open the storage root at an address, to read it.

        :param open_folder: opens the folder of this machine that holds the copy.
        :raises InvalidArgument: no active plugin opens this kind of address, or only as files.
        :raises PluginConflict: several do, and nothing is preferred.
        :raises StorageError: it cannot be reached, or there is no such folder.
        """
        from ..contracts import RootTransport

        way = self._way(uri)
        if not isinstance(way, RootTransport):
            raise InvalidArgument("root", uri, "is no address of runs; copy it to a folder first")
        return way.open_root(uri, open_folder)

    def _way(self, uri: str) -> Transport:
        way = self.by_scheme.get(scheme_of(uri) or "")
        if way is None:
            known = ", ".join(sorted(self.by_scheme)) or "none"
            raise InvalidArgument("address", uri, f"is not one that an active plugin opens (schemes: {known})")
        return way


def open_root(root: PathLike, open_folder: Callable[[Path], AnyStore]) -> AnyStore:
    """Open a folder, or the storage root at an address.

    :param open_folder: opens a folder of this machine, whose path is absolute.
    :raises InvalidArgument, PluginConflict, StorageError: see :meth:`RemoteTransports.open_root`.
    """
    text = str(root)
    if scheme_of(text) is None:
        return open_folder(Path(root).expanduser().absolute())
    return remote_transports().open_root(text, open_folder)


def remote_transports() -> RemoteTransports:
    """What the active plugins offer."""
    known = offers("register_remote_transports", "remote transport", _by_scheme, lambda name, _: f"transport {name}")
    return RemoteTransports(known)


def _by_scheme(ways: Iterable[Transport]) -> list[tuple[str, Transport]]:
    return [(scheme, way) for _, way in named(ways, "schemes", "open") for scheme in sorted(way.schemes)]
