"""A committed version in the hands of a program: what ``log_artifact`` and ``use_artifact`` return."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from runicorn.config import cache_dir
from runicorn.types import JSON, JSONObject, PathLike

from .artifact import Artifact
from .download import MARK, download
from .errors import ArtifactNotFound, InvalidArtifact
from .ingest import Told
from .manifest import FileEntry, Manifest, Reference
from .repository import ArtifactRepository
from .verify import Finding, verify
from .version import Version


class ArtifactVersion(Artifact):
    """One version. Its content never changes; aliases, stage, tags and description may. Thread-safe."""

    def __init__(self, repository: ArtifactRepository, version: Version) -> None:
        super().__init__(
            version.record.name, version.record.type, version.description, version.metadata, tags=version.tags
        )
        self._repository, self._is = repository, version
        self._manifest: Manifest | None = None

    @property
    def version(self) -> str:
        """``v3``."""
        return f"v{self._is.number}"

    @property
    def number(self) -> int:
        return self._is.number

    @property
    def aliases(self) -> tuple[str, ...]:
        return self._is.aliases

    @property
    def stage(self) -> str | None:
        return self._is.state.stage

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return self._is.record.size

    @property
    def digest(self) -> str:
        """The same for the same content."""
        return self._is.record.manifest

    @property
    def record(self) -> Version:
        """Everything that is known about it."""
        return self._is

    # --- Files

    def files(self) -> tuple[FileEntry, ...]:
        """The files, in the order of their paths."""
        return self._content().files

    @property
    def references(self) -> list[Reference]:
        return list(self._content().references)

    def download(self, dir: PathLike | None = None, *, progress: Told | None = None) -> Path:
        """Put all files into a folder and return it. What is there unchanged is not copied again.

        :param dir: None = a folder of this version in the user's cache; it may be changed, the store never is.
        :raises ArtifactDamaged: stored content is missing or is not what it was.
        :raises StorageError: the folder cannot be written.
        """
        folder = self._cache() if dir is None else Path(dir).expanduser().absolute()
        download(self._repository, self._is, self.files(), folder, progress)
        return folder

    def path(self, file: str) -> Path:
        """One file on this machine: only that one is copied.

        :raises ArtifactNotFound: the version holds no such file.
        """
        folder = self._cache()
        download(self._repository, self._is, [self._entry(file)], folder)
        return folder / file

    def open(self, file: str) -> BinaryIO:
        """The content of one file as a seekable stream, without a copy on disk."""
        return self._repository.open(self._is, self._entry(file))

    def verify(self, *, references: bool = False) -> list[Finding]:
        """Read everything and compare it with what was committed; what is wrong, or an empty list.

        :param references: compare what is kept elsewhere, too.
        """
        return verify(self._repository, self._is, references=references)

    # --- What may change

    def alias(self, *aliases: str) -> ArtifactVersion:
        """Point aliases at this version."""
        for alias in aliases:
            self._repository.set_alias(self._is, alias)
        return self._again()

    def promote(self, stage: str, note: str = "") -> ArtifactVersion:
        """Move it to ``experimental``, ``staging``, ``production`` or ``archived``."""
        self._repository.promote(self._is, stage, note)
        return self._again()

    def evaluate(self, metrics: Mapping[str, JSON], dataset: str = "") -> ArtifactVersion:
        """Keep the outcome of an evaluation with it."""
        self._repository.evaluate(self._is, metrics, dataset)
        return self._again()

    def draft(self) -> Artifact:
        """A new artifact of the same name that holds the same files, to add to and to log as the next version."""
        draft = Artifact(self.name, self.type, self.description, dict(self.metadata), tags=self.tags)
        if self._is.older is None:
            draft.hold(self.files())
        elif self.files():  # an older Runicorn's folder is no part of the store
            draft.add_dir(self.download(), ignore=[MARK])
        draft._references = {reference.uri: reference for reference in self.references}
        return draft

    def _again(self) -> ArtifactVersion:
        self._is = self._repository.version(self._is.of, self._is.number)
        return self

    def _content(self) -> Manifest:
        if self._manifest is None:
            self._manifest = self._repository.manifest(self._is)
        return self._manifest

    def _entry(self, file: str) -> FileEntry:
        entry = self._content().file(file)
        if entry is None:
            held = ", ".join(entry.path for entry in self.files()[:5])
            raise ArtifactNotFound(f"{self._is}/{file}", f"the version holds no such file (it holds: {held})")
        return entry

    def _cache(self) -> Path:
        record = self._is.record
        return cache_dir() / "artifacts" / record.type / record.name / f"v{record.version}-{record.manifest[:8]}"

    def plain_metadata(self) -> JSONObject:
        return dict(self.metadata)

    def _add(self, name: str, file: Path) -> None:  # noqa: ARG002 (as in Artifact)
        raise InvalidArtifact(self.name, f"is committed as {self.version} and cannot change; add to version.draft()")

    def add_reference(
        self,
        uri: str,  # noqa: ARG002 (as in Artifact)
        checksum: str | None = None,  # noqa: ARG002
        size: int | None = None,  # noqa: ARG002
    ) -> Artifact:
        raise InvalidArtifact(self.name, f"is committed as {self.version} and cannot change; add to version.draft()")

    def __repr__(self) -> str:
        return f"<ArtifactVersion {self._is}>"
