"""The artifacts of one storage root: every version, its files, and the changes that may be made."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, TypeAlias

from attrs import evolve
from runicorn.contracts.artifacts import BlobStore
from runicorn.errors import InvalidArgument
from runicorn.types import JSON

from .blobs import blob_key, read_verified
from .errors import AmbiguousArtifact, ArtifactDamaged, ArtifactNotFound
from .history import Change, Event, History, Kind, State
from .ingest import CHUNK
from .joined import Joined
from .manifest import FileEntry, Link, Manifest, VersionRecord
from .names import LATEST, STAGES, Asked, Name, check_alias, check_name, check_type, parse_asked, version_number
from .older import OlderArtifacts
from .records import Records
from .uses import Uses
from .using import refuse_if_used
from .version import Version

EVENTS = "events/"

#: Whether a change has happened already.
_Settled: TypeAlias = Callable[[State], bool]


class ArtifactRepository:
    """Thread-safe. Several processes and hosts may use one repository at the same time.

    :param root: the storage root; older artifacts are read from its ``artifacts`` folder.
    :param store: where artifacts of today are kept and committed to.
    """

    def __init__(self, root: Path, store: BlobStore) -> None:
        self.root, self.store = root, store
        self.uses = Uses(store)
        self._records = Records(store)
        self._older = OlderArtifacts(root / "artifacts")
        self._histories: dict[Name, History] = {}

    # --- Looking

    def names(self, kind: str | None = None) -> list[Name]:
        """Every artifact that has a version, by type and name.

        :param kind: only this type.
        """
        found = self._records.names() | set(self._older.names())
        return sorted(name for name in found if kind is None or name.type == kind)

    def versions(self, name: Name, *, deleted: bool = False) -> list[Version]:
        """The versions of an artifact, oldest first.

        :param deleted: those in the recycle bin too.
        :raises ArtifactNotFound: there is no such artifact.
        """
        records = self._records.of(name)
        older = self._older.records(name)
        if not records and not older:
            raise self._not_found(Asked(name.name, name.type))
        state = self._state(name, records)
        shown = [n for n in sorted({*records, *older}) if not state.of(n).purged]
        alive = [n for n in shown if state.of(n).deleted_at is None]
        latest = alive[-1] if alive else None
        result = []
        for number in shown:
            if not deleted and state.of(number).deleted_at is not None:
                continue
            aliases = (*([LATEST] if number == latest else []), *state.aliases_of(number))
            record = records.get(number) or older[number]
            folder = None if number in records else self._older.folder(name, number)
            result.append(Version(record, state.of(number), aliases, folder))
        return result

    def version(self, name: Name, number: int) -> Version:
        """:raises ArtifactNotFound: there is no such version; one in the recycle bin is found."""
        for version in self.versions(name, deleted=True):
            if version.number == number:
                return version
        raise ArtifactNotFound(f"{name}:v{number}", f"it has no version {number}")

    def find(self, asked: str) -> Version:
        """What somebody asks for: ``name``, ``name:v3``, ``name:alias``, ``type/name:production``.

        :raises ArtifactNotFound: there is none.
        :raises AmbiguousArtifact: several types have an artifact of this name.
        :raises InvalidArgument: that is no name of an artifact.
        """
        wanted = parse_asked(asked)
        name = self.name(wanted)
        number = version_number(wanted.selector)
        if number is not None:
            return self.version(name, number)
        for version in self.versions(name):
            if wanted.selector in version.aliases:
                return version
        if wanted.selector in STAGES:
            number = self._state(name).in_stage(wanted.selector)
            if number is None:
                raise ArtifactNotFound(asked, f"no version of it is in stage {wanted.selector}")
            return self.version(name, number)
        known = sorted({alias for version in self.versions(name) for alias in version.aliases})
        raise ArtifactNotFound(asked, f"it has no alias {wanted.selector!r} (it has: {', '.join(known) or 'none'})")

    def name(self, asked: Asked) -> Name:
        """:raises ArtifactNotFound: there is none of this name. :raises AmbiguousArtifact: there are several."""
        fitting = [name for name in self.names(asked.type) if name.name == asked.name]
        if not fitting:
            raise self._not_found(asked)
        if len(fitting) > 1:
            raise AmbiguousArtifact(asked.name, [name.type for name in fitting])
        return fitting[0]

    def older_state(self, name: Name) -> State:
        """What Runicorn 0.5 or 0.7 knew of an artifact."""
        return self._older.state(name)

    def numbers(self, name: Name) -> list[int]:
        """Every number that was ever given, ascending."""
        numbers = self._records.numbers(name) | set(self._older.records(name))
        return sorted(numbers | {number for number, state in self._state(name).versions.items() if state.purged})

    def event_keys(self, name: Name) -> list[str]:
        """The blobs that the history of an artifact is made of."""
        return self._history(name).keys()

    def bring_event(self, name: Name, event: Event) -> None:
        """Add what happened to an artifact in another root."""
        self._history(name).bring(event)

    def aliases(self, name: Name) -> Mapping[str, int]:
        """Every alias that was given, and its version's number."""
        return self._state(name).aliases

    def history(self, name: Name) -> Sequence[Event]:
        """Every change of aliases, stages and the like, oldest first."""
        return self._state(name).events

    # --- Content

    def manifest(self, version: Version) -> Manifest:
        """:raises ArtifactDamaged: it is not what it was."""
        if version.older is not None:
            return self._older.manifest(version.of, version.number)
        try:
            return Manifest.decode(read_verified(self.store, version.record.manifest))
        except (KeyError, ValueError) as error:
            raise ArtifactDamaged(str(version), "the list of files", "cannot be read") from error

    def open(self, version: Version, entry: FileEntry) -> BinaryIO:
        """The content of a file, seekable.

        :raises ArtifactDamaged: a part of it is missing.
        """
        if version.older is not None:
            return self._older.open(version.of, version.number, entry)
        try:
            if not entry.chunks:
                return self.store.open(blob_key(entry.digest))
            return BufferedReader(Joined(self.store, entry), CHUNK)
        except KeyError as error:
            raise ArtifactDamaged(str(version), entry.path, "is not in the store") from error

    # --- Committing

    def commit(
        self, draft: VersionRecord, manifest: Manifest, number: int | None = None, *, among_all: bool = False
    ) -> tuple[Version, bool]:
        """Make the next version, or find that the latest one holds the same.

        :param draft: the record; its number is given here.
        :param number: the one that it is to have; where another version has that, any that holds the same is it.
        :param among_all: find any version that holds the same.
        :returns: the version, and whether it is new.
        """
        name = Name(check_type(draft.type), check_name(draft.name))
        draft = evolve(draft, type=name.type, name=name.name)
        while True:
            taken, state = self.numbers(name), self._state(name)
            alive = [n for n in taken if not state.of(n).purged]
            free = number is not None and number not in taken
            looked_at = [] if free else [*reversed(alive)] if among_all or number is not None else alive[-1:]
            if number in alive:
                looked_at.insert(0, number)
            for each in map(partial(self.version, name), looked_at):
                if each.record.manifest == manifest.digest and not each.deleted:
                    return each, False
            record = draft.numbered(number if free and number else max(taken, default=0) + 1)
            if self._records.create(record):
                return self.version(name, record.version), True

    # --- Changing

    def set_alias(self, version: Version, alias: str) -> None:
        """Point an alias at a version; it leaves the version that had it, and the history keeps both.

        :raises UnsafePath: it cannot be an alias.
        """
        check_alias(alias)
        self._change(version, "alias", {"alias": alias}, unless=lambda s: s.aliases.get(alias) == version.number)

    def remove_alias(self, version: Version, alias: str) -> None:
        """:raises InvalidArgument: the version does not have it."""
        if alias not in version.aliases or alias == LATEST:
            raise InvalidArgument("alias", alias, f"is not one that {version} was given")
        self._change(version, "unalias", {"alias": alias}, unless=lambda s: s.aliases.get(alias) != version.number)

    def promote(self, version: Version, stage: str, note: str = "", run: str | None = None) -> Version:
        """Move a version to a stage. ``name:stage`` names the version that came there last.

        :raises InvalidArgument: there is no such stage, or the version is in it already.
        """
        if stage not in STAGES:
            raise InvalidArgument("stage", stage, f"must be one of {', '.join(STAGES)}")

        def make(state: State) -> tuple[Kind, int, Mapping[str, JSON]]:
            present = state.of(version.number).stage
            if present == stage:
                raise InvalidArgument("stage", stage, f"is where {version} is already")
            return "stage", version.number, {"from": present, "to": stage, "note": note, "run": run}

        self._make(version.of, make)
        return self.version(version.of, version.number)

    def evaluate(
        self, version: Version, metrics: Mapping[str, JSON], dataset: str = "", run: str | None = None
    ) -> None:
        """Keep the outcome of an evaluation with a version."""
        self._change(version, "evaluation", {"metrics": dict(metrics), "dataset": dataset, "run": run})

    def edit(self, version: Version, changes: Mapping[str, JSON]) -> Version:
        """Replace description, metadata or tags.

        :param changes: of ``description``, ``metadata``, ``tags``.
        """
        self._change(version, "edit", changes)
        return self.version(version.of, version.number)

    def delete(self, version: Version, *, force: bool = False) -> None:
        """Move a version to the recycle bin; nothing is removed.

        :raises ArtifactInUse: runs used it, versions come from it, or it is in production; ``force`` does it anyway.
        """
        if not force:
            refuse_if_used(self, version)
        self._change(version, "delete", {}, unless=lambda state: state.of(version.number).deleted_at is not None)

    def restore(self, version: Version) -> None:
        self._change(version, "restore", {}, unless=lambda state: state.of(version.number).deleted_at is None)

    def purge(self, version: Version, *, force: bool = False) -> None:
        """Remove a version for good. Its number is never given again; blobs that nobody else needs go with ``gc``.

        :raises ArtifactInUse: as :meth:`delete`.
        :raises InvalidArgument: Runicorn 0.5 or 0.7 wrote it; their folders are only read.
        """
        if version.older is not None:
            raise InvalidArgument("version", str(version), "is an older Runicorn's, whose folders are only read")
        if not force:
            refuse_if_used(self, version)
        self._change(version, "purge", {}, unless=lambda state: state.of(version.number).purged)
        self._records.remove(version.link)

    def is_purged(self, link: Link) -> bool:
        """Whether a version was removed for good; its file may still lie there, when that process was killed."""
        return self._state(link.of).of(link.version).purged

    # --- Inside

    def _change(self, version: Version, kind: Kind, data: Mapping[str, JSON], unless: _Settled | None = None) -> None:
        def make(state: State) -> tuple[Kind, int, Mapping[str, JSON]] | None:
            if state.of(version.number).purged and kind != "purge":
                raise ArtifactNotFound(str(version), "it was removed for good")
            return None if unless is not None and unless(state) else (kind, version.number, data)

        self._make(version.of, make)

    def _make(self, name: Name, change: Change) -> None:
        self._history(name).change(change, _contents(self._records.of(name)))

    def _history(self, name: Name) -> History:
        if name not in self._histories:
            prefix = f"{EVENTS}{name.type}/{name.name}/"
            self._histories[name] = History(self.store, prefix, self._older.state(name))
        return self._histories[name]

    def _state(self, name: Name, records: Mapping[int, VersionRecord] | None = None) -> State:
        known = self._records.of(name) if records is None else records
        return self._history(name).state(_contents(known))

    def _not_found(self, asked: Asked) -> ArtifactNotFound:
        names = [name.name for name in self.names(asked.type)]
        close = difflib.get_close_matches(asked.name, names, 1)
        hint = f"did you mean {close[0]!r}?" if close else "see: runicorn artifacts list"
        return ArtifactNotFound(f"{asked.type}/{asked.name}" if asked.type else asked.name, hint)


def _contents(records: Mapping[int, VersionRecord]) -> dict[int, str]:
    return {number: record.manifest for number, record in records.items()}
