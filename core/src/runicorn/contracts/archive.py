"""What plugins keep about runs outside of the run folders, for archives: it goes and comes with the runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, runtime_checkable

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
    """A version of an artifact that another tool has kept."""

    type: str  # model, dataset, ...
    name: str  # need not be storable: it is spelled so that it is
    files: Mapping[str, Path] = field(factory=dict)  # place in it, with "/" -> where the file is; it is only read
    references: Sequence[str] = ()  # addresses of what is kept elsewhere
    description: str = ""
    metadata: JSONObject = field(factory=dict)
    aliases: Sequence[str] = ()
    tags: Sequence[str] = ()
    #: ``used``: the run did not make it, but read it. It is the version of this name that holds the same, if there is
    #: one, and else a version that no run has made.
    role: Literal["created", "used"] = "created"
    documents: Mapping[str, bytes] = field(factory=dict)  # place in it -> content: small files that lie nowhere
    number: int | None = None  # that it has there: it is called so here too, unless another version is
    stage: str = ""  # experimental, staging, production, archived; "" = none


@runtime_checkable
class ArtifactKeeper(Protocol):
    """What a part that keeps versions of artifacts has, too: importers bring theirs through it."""

    def keep(self, root: Path, run: RunRef | None, artifact: IncomingArtifact) -> tuple[ArtifactLink, bool]:
        """Store it as a version that this run has made or used. The same content is the same version again.

        :param run: it has no place yet; None = no run that comes with it has made it.
        :returns: the version, and whether it is new here.
        :raises RunicornError: it cannot be one; nothing of it is visible.
        """
