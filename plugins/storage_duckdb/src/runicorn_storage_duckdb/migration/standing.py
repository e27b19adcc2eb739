"""How a run stands that was brought over before, and may have gone on since: at its source, here, or both."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..segments.sources import digest_of, stream_of
from .compare import holds, same_documents
from .convert import DOCUMENTS

if TYPE_CHECKING:
    from runicorn.contracts import RunReader


class Standing(Enum):
    ABSENT = "it is not here"
    THERE = "everything of the source is here"
    GROWN = "the source holds everything that is here, and more"
    CHANGED = "the source has more, and what is here was changed"


def standing_of(source: RunReader, copy: RunReader) -> Standing:
    """Compare a run with its copy; where no file of the source is new, without reading what it logged.

    :raises StorageError: one of them cannot be read.
    """
    if _untouched(source, copy):
        return Standing.THERE
    grown = not holds(copy, source)
    added = _own(copy.folder) - _own(source.folder)
    resumed = any(name.startswith("writers/") for name in added)
    noted_there, noted_here = _notes(source, copy)
    if not grown and not noted_there and (resumed or same_documents(source, copy)):
        return Standing.THERE
    if added or noted_here or copy.record.status == "running" or not holds(source, copy):
        return Standing.CHANGED
    return Standing.GROWN


def stamp_of(folder: Path) -> str:
    """A digest of the names, sizes and times of its files; equal ones mean that nothing was written meanwhile.

    :raises OSError: the folder cannot be read.
    """
    digest = sha256()
    for name, size, mtime_ns in sorted(_files(folder)):
        digest.update(f"{name}\0{size}\0{mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def gained(source: Path, copy: Path) -> list[str] | None:
    """Files that a folder has more than its copy, or newer ones: what is missing first, as others may name it.

    :returns: None where it has some, and the copy was changed.
    :raises OSError: one of them cannot be read.
    """
    there, here = ({name: stat for name, *stat in _files(folder)} for folder in (source, copy))
    missing = sorted(there.keys() - here.keys())
    other = [
        name
        for name in there.keys() & here.keys()
        if there[name] != here[name]
        and (there[name][0] != here[name][0] or digest_of(source / name) != digest_of(copy / name))
    ]
    newer = sorted(name for name in other if there[name][1] > here[name][1])
    changed = here.keys() - there.keys() or len(newer) < len(other)
    return None if (missing or newer) and changed else [*missing, *newer]


def _untouched(source: RunReader, copy: RunReader) -> bool:
    """Copies keep the times of their files; what was converted says what its source was like."""
    if not source.folder.is_dir():
        return False
    if source.record.format != "runicorn":
        origin = copy.read("meta").get("migrated_from")
        return isinstance(origin, dict) and origin.get("stamp") == stamp_of(source.folder)
    return all(_is(copy.folder / name, size, mtime_ns) for name, size, mtime_ns in _files(source.folder))


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Name, size and time of each file that a migration takes along."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and not path.name.endswith((".lock", ".tmp")):
            stat = path.stat()
            yield path.relative_to(folder).as_posix(), stat.st_size, stat.st_mtime_ns


def _is(path: Path, size: int, mtime_ns: int) -> bool:
    try:
        stat = path.stat()
    except OSError:
        return False
    return (stat.st_size, stat.st_mtime_ns) == (size, mtime_ns)


def _own(folder: Path) -> set[str]:
    """Files that only this run's people and processes make: every process that opens a run leaves one below
    ``writers``. What is sealed, or compared by what it says, is not among them."""
    names = {name for name, _, _ in _files(folder)} if folder.is_dir() else set()
    compared = {f"{document}.json" for document in (*DOCUMENTS, "meta", "segments")}
    return {name for name in names - compared if not stream_of(name) and not name.endswith(".parquet")}


def _notes(source: RunReader, copy: RunReader) -> tuple[bool, bool]:
    """Whether people wrote something about the run at its source, and here: who wrote last decides, unless the source
    lacks what stands here."""
    there, here = source.read("user"), copy.read("user")
    if there == here:
        return False, False
    if _written(source) <= _written(copy):
        return False, True
    return True, not set(_pairs(here)) <= set(_pairs(there))


def _written(reader: RunReader) -> int:
    path = reader.folder / "user.json"
    return path.stat().st_mtime_ns if path.is_file() else 0


def _pairs(user: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What stands in it, each tag for itself."""
    for key, value in user.items():
        for one in value if isinstance(value, list) else [value]:
            if one:
                yield key, repr(one)
