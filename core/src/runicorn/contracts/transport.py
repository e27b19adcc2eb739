"""Files that lie elsewhere: a small tree of files behind an address, read and written with a few calls.

Mirrors, storage roots on other machines and copies of runs are built on these promises alone, so that a new kind of
place needs nothing but them. Paths are relative to the address and use ``/``; the empty path is the address itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol, TypeVar, runtime_checkable

from attrs import frozen

if TYPE_CHECKING:
    from pathlib import Path

    from .storage import Store

    AnyStore = TypeVar("AnyStore", bound=Store)


@frozen
class FileEntry:
    """One file or folder, without its content. A symbolic link is what it points at.

    A file whose size and time are the same has the same content, but for what was replaced within one tick of the
    place's clock, which may be a second long.
    """

    path: str
    kind: Literal["file", "folder", "other"]  # other: devices, sockets, links that point nowhere
    size: int = 0  # bytes; of files
    modified_at: float = 0.0  # Unix seconds, as exact as the place has them


class FileTree(Protocol):
    """One opened place. Thread-safe: calls that are made at the same time share what the way there costs.

    Every call may wait for the network, and raises

    - :class:`~runicorn.errors.StorageUnreachable` while the place cannot be reached; a later call may succeed,
    - :class:`~runicorn.errors.StorageGone` where what was asked for does not exist,
    - :class:`~runicorn.errors.StorageReadOnly` where it may not be written, and :class:`~runicorn.errors.StorageFull`,
    - :class:`~runicorn.errors.StorageError` for all else that the place says, and after ``close``,
    - :class:`~runicorn.errors.UnsafePath` for a path that would leave the tree.
    """

    @property
    def uri(self) -> str:
        """Where it is, free of secrets; the same text for the same place."""

    @property
    def parallel(self) -> int:
        """How many calls are worth making at the same time: 1 for a disk, dozens where each is a round trip."""

    def list(self, path: str = "") -> Sequence[FileEntry]:
        """What a folder holds, in the order of names; not what lies deeper, and not what is being written.

        Names that are no text (not UTF-8), or that hold a backslash, are left out.
        """

    def stat(self, path: str) -> FileEntry | None:
        """One entry; None when there is none."""

    def read(self, path: str, offset: int = 0, size: int | None = None) -> bytes:
        """Content from ``offset`` on, at most ``size`` bytes; fewer only where the file ends. None = to the end."""

    def write(self, path: str, data: bytes | BinaryIO, *, modified_at: float | None = None) -> None:
        """Make or replace a file with folders above it: whoever reads sees the old content or the new one, never a
        part. What a killed writer leaves behind is not listed.

        :param modified_at: the time that the file gets; None = now.
        """

    def append(self, path: str, data: bytes, offset: int) -> None:
        """Extend a file that is exactly ``offset`` bytes long. Readers may see a part of it on the way.

        :raises StorageError: it has another length, and nothing was written.
        """

    def make_folder(self, path: str) -> None:
        """Make a folder and those above it; one that exists is fine."""

    def rename(self, old: str, new: str) -> None:
        """Move a file in one step, over one that is there; a folder only to where nothing is."""

    def remove(self, path: str) -> None:
        """Remove a file or an empty folder; one that does not exist is no error."""

    def close(self) -> None:
        """Let go of what this tree holds. Twice is fine."""


class Transport(Protocol):
    """What ``register_remote_transports`` returns: a way to places, chosen by the scheme of an address."""

    @property
    def name(self) -> str: ...

    @property
    def schemes(self) -> frozenset[str]:
        """``ssh``, ``s3``: what stands before ``://`` in the addresses that it opens."""

    def open(self, uri: str) -> FileTree:
        """Open a place; it need not exist yet.

        :raises InvalidArgument: the address lacks something.
        :raises MissingDependency: a library that this way needs is not installed.
        :raises StorageError: it cannot be reached, or lets nobody in.
        """


@runtime_checkable
class RootTransport(Protocol):
    """What a transport has, too, whose places can be looked at as storage roots."""

    def open_root(self, uri: str, open_folder: Callable[[Path], AnyStore]) -> AnyStore:
        """A store of the runs at an address, which only reads.

        :param open_folder: opens a folder of this machine. The transport keeps a copy of the place in such a folder, in
            step until the store is closed, and gives what this returns, or something that stands in for it.
        :raises StorageGone: there is no such folder at the address.
        :raises StorageError: the place cannot be reached, and nothing of it is known from earlier.
        """
