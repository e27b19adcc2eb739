"""Runs of an older Runicorn's root, or of another backend's, brought over into today's layout.

Each run is made in a folder beside, compared with its source, and moved to its place in one step. What has its place
already is not made again, so that a migration that was stopped goes on where it was; unless the source has more by now
and holds all that stands there, which is then replaced. The source is only read.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen
from runicorn.errors import StorageError
from runicorn.model.run import ExperimentRecord, RunRef
from runicorn.security import join
from runicorn.serialize import read_object, write_json

from ..file_store import open_files
from ..segments.lock import exclusive
from ..segments.manifest import flush_folder
from ..segments.sources import digest_of
from .compare import compare
from .convert import convert
from .places import another_place, place_for
from .standing import Standing, gained, stamp_of, standing_of

if TYPE_CHECKING:
    from runicorn.contracts import Store

#: Folders of an older root that belong to no single run.
SHARED = ("artifacts", "evaluations", "archive")
_STAGING = ".migrating"
_REPLACED, _REPLACES = "replaced", "replaces.json"  # in there: an older copy, and where it was
_CHANGED = (
    "it has more in the source, and what is here was changed since it came; it stays, and the source's comes over once"
    " this one is moved away or removed for good"
)


@frozen
class Migrated:
    """``there``: it was brought over before."""

    target: str
    points: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    there: bool = False


class Migration:
    """From the store of one root to the folders of another."""

    def __init__(self, source: Store, target: Path) -> None:
        """
        :raises StorageError: one root lies in the other.
        """
        there, here = target.resolve(), source.root.resolve()
        if there == here or there in here.parents or here in there.parents:
            raise StorageError("migrating", str(target), "the two roots lie in one another; name another folder")
        self._source = source
        self._target = target
        self._staging = target / _STAGING

    def place(self, record: ExperimentRecord) -> RunRef:
        """Where a run goes, or where it is already."""
        target = place_for(record.ref)
        if self._taken(target, record):
            target = another_place(target, record.ref)
        return target

    def would_bring(self, record: ExperimentRecord) -> bool:
        """Whether there is something to bring over.

        :raises StorageError: there is, but it cannot be.
        """
        return self._checked(record) is not Standing.THERE

    def run(self, record: ExperimentRecord) -> Migrated:
        """Bring one run over.

        :raises StorageError: it could not be, or is not what its source is; or it was brought over before, has changed
            here since, and has more in the source. What was in place is still.
        """
        with self._alone():
            return self._run(record)

    def _run(self, record: ExperimentRecord) -> Migrated:
        self._clear()
        target = self.place(record)
        final = join(self._target, target.folder)
        before = stamp_of(final) if final.is_dir() else ""
        standing = self._checked(record)
        if standing is Standing.THERE:
            return Migrated(target.folder, there=True)
        with self._stage() as staging:
            folder = join(staging, target.folder)
            folder.mkdir(parents=True)
            reader = self._source.open_run(record.ref)
            if record.format == "runicorn" and reader.folder.is_dir():
                copy_tree(reader.folder, folder)
            else:
                convert(reader, target, folder)
            made = open_files(staging, {})
            points = compare(reader, made.open_run(target))
            made.close()
            after = _bytes(folder)
            final.parent.mkdir(parents=True, exist_ok=True)
            flush_folder(folder)
            if standing is Standing.GROWN:
                self._replace(final, before, target, folder)
            else:
                folder.rename(final)
            flush_folder(final.parent)
        return Migrated(target.folder, points, _bytes(reader.folder), after)

    def share(self, name: str) -> bool:
        """Copy one of :data:`SHARED`, or the files of it that are new; says whether there was something to copy.

        :raises StorageError: it could not be; or it has more in the source, and what is here was changed since it came.
        """
        if not (self._source.root / name).is_dir():
            return False
        with self._alone():
            return self._share(name)

    def _share(self, name: str) -> bool:
        source, target = self._source.root / name, self._target / name
        if not target.exists():
            with self._stage() as staging:
                copy_tree(source, staging / name)
                (staging / name).rename(target)
            return True
        new = gained(source, target)
        if new is None:
            raise StorageError("migrating", str(target), _CHANGED)
        with self._stage() as staging:
            for file in new:
                copy_file(source / file, staging / "file")
                place = target / file
                place.parent.mkdir(parents=True, exist_ok=True)
                (staging / "file").replace(place)
        return bool(new)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """What is being made is nobody else's: another migration would take it for what a killed one left."""
        try:
            self._target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError("migrating", str(self._target), error.strerror or str(error)) from error
        with exclusive(self._target, "migrating", "in this root"):
            yield

    def _checked(self, record: ExperimentRecord) -> Standing:
        target = self.place(record)
        final = join(self._target, target.folder)
        if not final.is_dir() or not self._from(final, record):
            if final.exists():
                raise StorageError("migrating", str(final), "another run stands there already")
            return Standing.ABSENT
        here = open_files(self._target, {})
        try:
            standing = standing_of(self._source.open_run(record.ref), here.open_run(target))
        finally:
            here.close()
        if standing is Standing.CHANGED:
            raise StorageError("migrating", str(final), _CHANGED)
        return standing

    def _replace(self, final: Path, before: str, target: RunRef, folder: Path) -> None:
        """Put a run in the place of an older one, which is back if that fails, and after a kill."""
        with exclusive(final):
            if stamp_of(final) != before:
                raise StorageError("migrating", str(final), "it changed here meanwhile; migrate again")
            write_json(self._staging / _REPLACES, {"folder": target.folder})
            final.rename(self._staging / _REPLACED)
            try:
                folder.rename(final)
            except BaseException:  # after Ctrl-C, too, the old run stands in its place
                self._bring_back()
                raise

    def _clear(self) -> None:
        """Of what a killed migration left."""
        self._bring_back()
        shutil.rmtree(self._staging, ignore_errors=True)

    def _bring_back(self) -> None:
        old, place = self._staging / _REPLACED, read_object(self._staging / _REPLACES).get("folder")
        if isinstance(place, str) and old.is_dir() and not join(self._target, place).exists():
            join(self._target, place).parent.mkdir(parents=True, exist_ok=True)
            old.rename(join(self._target, place))

    @contextmanager
    def _stage(self) -> Iterator[Path]:
        self._clear()
        try:
            self._staging.mkdir(parents=True)
            yield self._staging
        except OSError as error:
            if isinstance(error, StorageError):
                raise
            raise StorageError("migrating", str(self._target), error.strerror or str(error)) from error
        finally:
            self._clear()

    def _taken(self, target: RunRef, record: ExperimentRecord) -> bool:
        folder = join(self._target, target.folder)
        return folder.is_dir() and not self._from(folder, record)

    def _from(self, folder: Path, record: ExperimentRecord) -> bool:
        """Whether a folder of the target is this run of the source."""
        meta = read_object(folder / "meta.json")
        if record.format == "runicorn":
            return meta == read_object(self._source.open_run(record.ref).folder / "meta.json")
        origin = meta.get("migrated_from")
        place = (record.format, record.ref.folder)
        return isinstance(origin, dict) and (origin.get("format"), origin.get("folder")) == place


def copy_tree(source: Path, target: Path, wanted: Callable[[str], bool] = lambda _: True) -> None:
    """Copy files and compare what was copied; no links, no half-written files.

    :raises OSError: something could not be copied.
    :raises StorageError: a copy is not what its source is.
    """
    for place, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if not Path(place, name).is_symlink())
        inside = target / Path(place).relative_to(source)
        inside.mkdir(parents=True, exist_ok=True)
        for name in sorted(names):
            path = Path(place, name)
            if (
                path.is_symlink()
                or name.endswith((".lock", ".tmp"))
                or not wanted(name if place == str(source) else "")
            ):
                continue
            copy_file(path, inside / name)


def copy_file(path: Path, copy: Path) -> None:
    """
    :raises OSError: it could not be copied.
    :raises StorageError: the copy is not what its source is.
    """
    shutil.copy2(path, copy)
    if digest_of(path) != digest_of(copy):
        raise StorageError("migrating", str(path), "its copy is not what it is; it changed meanwhile")
    with copy.open("rb") as file:
        os.fsync(file.fileno())


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
