"""What plugins keep about runs outside of the run folders, for archives: it goes and comes with the runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

from attrs import field, frozen

from ..model.artifact import ArtifactLink
from ..model.run import ExperimentRecord, RunRef
from ..types import JSONObject


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


@frozen
class IncomingArtifact:
    """A version of an artifact that another tool has kept for a run."""

    type: str  # model, dataset, ...
    name: str  # need not be storable: it is spelled so that it is
    files: Mapping[str, Path]  # place in it, with "/" -> where the file is; it is only read
    references: Sequence[str] = ()  # addresses of what is kept elsewhere
    description: str = ""
    metadata: JSONObject = field(factory=dict)
    aliases: Sequence[str] = ()


@runtime_checkable
class ArtifactKeeper(Protocol):
    """What a part that keeps versions of artifacts has, too: importers bring theirs through it."""

    def keep(self, root: Path, run: RunRef, artifact: IncomingArtifact) -> ArtifactLink:
        """Store it as a version that this run has made, which has no place yet. The same content is the same version
        again.

        :raises RunicornError: it cannot be one; nothing of it is visible.
        """
