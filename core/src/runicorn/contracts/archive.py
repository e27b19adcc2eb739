"""What plugins keep about runs outside of the run folders, for archives: it goes and comes with the runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from attrs import frozen

from ..model.run import ExperimentRecord


@frozen
class PartFile:
    """One file of a part."""

    path: str  # relative to the part's folder in the archive, with "/"
    open: Callable[[], BinaryIO]  # called twice: the content is hashed, then archived, and must be the same


@frozen
class PlacedPart:
    """What became of a part that was brought in."""

    added: int  # things that are new here, as the part counts them
    told: Sequence[str] = ()  # sentences for people: what was here with another content, and what was done


class ArchivePart(Protocol):
    """What ``register_archive_parts`` returns."""

    @property
    def name(self) -> str:
        """The folder of its files in an archive. Unpacked, an archive is a storage root: the same folder there."""

    def files(self, root: Path, runs: Sequence[ExperimentRecord]) -> Iterable[PartFile]:
        """What is kept about these runs; nothing that another run alone needs.

        :param root: the storage root.
        """

    def place(self, root: Path, folder: Path) -> PlacedPart:
        """Bring files in that an archive held; they were compared with its hashes, and may still mean harm.

        What is there already stays as it is: placing twice is the same as once.

        :param folder: holds the files; it is gone afterwards.
        :raises RunicornError: they are not what the part has made.
        """
