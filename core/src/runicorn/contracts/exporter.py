"""Exporters: runs written in a format of somebody else's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from ..model.metric import BucketTable, RecordTable
    from .storage import RunReader

#: A relative path with ``/``, and the content in pieces.
FolderFile: TypeAlias = tuple[str, Iterable[bytes]]


class ExportReader(Protocol):
    """What is to be exported. Reading it never changes a byte below the storage root."""

    @property
    def runs(self) -> Sequence[RunReader]:
        """In the order in which they were asked for; at least one."""

    def metrics(self, keys: Sequence[str] | None = None) -> Sequence[RecordTable]:
        """Every record of each run in columns, in the order of ``runs``. What is looked at is read then: go through
        it once.

        :param keys: None = all numeric keys.
        """

    def pieces(self, keys: Sequence[str] | None = None) -> Sequence[Iterable[RecordTable]]:
        """The numbers of each run, where a long run need not be in memory at once: its records in one table or in
        several (:class:`~.storage.PieceReader`). Whoever goes through those of a run again reads it again.
        """

    def curves(self, keys: Sequence[str] | None = None, buckets: int = 1000) -> Sequence[BucketTable]:
        """The curves of each run over its steps in at most so many buckets, in the order of ``runs``: what a picture
        needs, in memory that does not grow with the run (``Store.read_buckets``). Read when it is looked at.
        """


class Exporter(Protocol):
    """What ``register_exporters`` returns.

    It may have an attribute ``suffixes``: further endings of file names -> the options that they mean
    (``{".tar.gz": {"kind": "tar.gz"}}``).
    """

    @property
    def name(self) -> str:
        """How it is asked for: ``runicorn export RUN --format csv``."""

    @property
    def suffix(self) -> str:
        """With the dot, e.g. ``.csv``."""

    @property
    def media_type(self) -> str:
        """E.g. ``text/csv; charset=utf-8``."""

    @property
    def options(self) -> type[Any]:
        """An attrs class with a default for every field: the options that ``export`` takes."""

    def export(self, reader: ExportReader, out: BinaryIO, options: Any) -> None:
        """Write everything, in one go, from the first byte to the last.

        The destination is not seen by anybody before this has returned; when it raises, nothing remains.

        :param out: write only; need not be seekable.
        :param options: an object of the class ``options``.
        :raises MissingDependency: a library that this format needs is not installed.
        """


@runtime_checkable
class FolderExporter(Protocol):
    """What the exporter of a format that is a folder of files has, too; its ``export`` writes them as one ZIP."""

    def files(self, reader: ExportReader, options: Any) -> Iterable[FolderFile]:
        """The files of the folder. The content of one is drawn before the next one is asked for.

        :raises MissingDependency: a library that this format needs is not installed.
        """
