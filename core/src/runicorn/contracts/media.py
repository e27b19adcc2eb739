"""Media types: how a value that is no number becomes a file of the run."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ..types import JSON

#: What a column of a Parquet table whose cells are media is told by, in the metadata of its field. It is a struct of
#: texts: ``path`` is that of a file of the run, ``fields`` is JSON, and a cell that is no medium has a caption alone.
MEDIA_COLUMN = {b"runicorn": b"media"}
MEDIA_CELL = ("kind", "path", "caption", "fields")


class MediaSink(Protocol):
    """Where an encoder puts files."""

    def put(self, data: bytes, suffix: str) -> str:
        """Store bytes by content and return the path to name in the record."""

    def put_shared(self, data: bytes, suffix: str) -> str:
        """The same for what other runs of the project are likely to hold as well: where the storage can, it is kept
        once for all of them."""


class MediaType(Protocol):
    """What ``register_media_types`` returns. ``name`` becomes the record's ``kind``."""

    @property
    def name(self) -> str: ...

    @property
    def python_types(self) -> tuple[str, ...]:
        """``"module.Class"`` names, compared with the value's ``__mro__``: nothing is imported for it."""

    @property
    def panel(self) -> str:
        """The viewer panel that shows it."""

    def snapshot(self, value: object) -> object:
        """Called on the training thread: copy what the caller may change afterwards, and nothing more.

        A snapshot with an attribute ``nbytes`` is counted: of values that wait to be encoded, at most 64 and 512 MiB
        are held, then logging waits.
        """

    def encode(self, snapshot: object, sink: MediaSink) -> dict[str, JSON]:
        """Called on a background thread: put the file and return the record's fields; ``path`` is required.

        Whatever it raises is counted in the run's status with the plugin's name; training goes on.
        """


@runtime_checkable
class SharesMedia(Protocol):
    """What the session of a storage may have, too (:class:`~runicorn.contracts.RunSession`)."""

    def share_media(self, path: str) -> None:
        """Keep a media file of this run once for all runs of its project that hold the same. Whether it is shared is
        seen by nobody but the disk: a run can be moved, copied and removed as if it were its own. Where that cannot
        be, nothing happens.

        :param path: what ``put_media`` returned.
        """
