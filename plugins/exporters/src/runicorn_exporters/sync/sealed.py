"""Runs of which one root has files and the other Parquet segments in their place: which of them hold all of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from runicorn.contracts import FileEntry, FileTree
from runicorn.errors import StorageGone
from runicorn.serialize import loads

from .deciding import Decision

_BLOCK = 4 << 20
_SEGMENTS = re.compile(r".*/(segments\.json|(metrics|logs)/[^/]+\.parquet)")


@frozen
class Sealed:
    """What segments stand for: these files need not be there any more."""

    at: float  # seconds since the epoch
    files: Mapping[str, tuple[int, str]]  # path -> bytes and SHA-256


@frozen
class Plan:
    """What becomes of a run's segments, and of files that they stand for.

    :ivar decided: what becomes of paths, whatever their times say.
    :ivar removed: files of the target that segments of the source replace.
    :ivar reopened: segments of the target that whole files of the source replace.
    :ivar inside: files of the source that the target's segments hold.
    """

    decided: Mapping[str, Decision] = {}
    removed: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()
    inside: frozenset[str] = frozenset()


def plan(
    source: FileTree, target: FileTree, group: str, files: Mapping[str, FileEntry], there: Mapping[str, FileEntry]
) -> Plan:
    """
    :param files: of the run in the source. :param there: in the target.
    """
    ours, theirs = _sealed(source, group, files), _sealed(target, group, there)
    if ours is not None:
        if theirs is not None and theirs != ours:
            return _both(ours, theirs, files)
        return _brought(ours, target, files, there)
    if theirs is not None:
        return _met(theirs, source, files, there)
    return Plan()


def _brought(ours: Sealed, target: FileTree, files: Mapping[str, FileEntry], there: Mapping[str, FileEntry]) -> Plan:
    """The source is sealed: its segments replace those files that they hold."""
    beside = [path for path in ours.files if path in there and path not in files]
    for path in beside:
        size, digest = ours.files[path]
        entry = there[path]
        if entry.size < size and entry.modified_at <= ours.at:  # how it was when it came over, before it was sealed
            continue
        if not _begins(target, entry, size, digest):
            why = Decision("conflict", f"{path.rpartition('/')[2]} is another one there than SRC has sealed")
        elif entry.size > size:
            why = Decision("kept", f"{path.rpartition('/')[2]} has more there than SRC has sealed")
        else:
            continue
        return Plan({path: why for path in files if _SEGMENTS.fullmatch(path)})
    return Plan(removed=tuple(beside))


def _both(ours: Sealed, theirs: Sealed, files: Mapping[str, FileEntry]) -> Plan:
    """Both are sealed, each with segments of its own: the ones that hold more stay."""
    nothing = (0, "")
    more = [path for path, sealed in theirs.files.items() if sealed[0] > ours.files.get(path, nothing)[0]]
    less = [path for path, sealed in ours.files.items() if sealed[0] > theirs.files.get(path, nothing)[0]]
    differs = any(
        sealed[0] == theirs.files.get(path, nothing)[0] and sealed != theirs.files[path]
        for path, sealed in ours.files.items()
    )
    if differs or (more and less):
        why = Decision("conflict", "both roots have sealed this run, each with other content")
    elif more:
        why = Decision("kept", "has sealed more there")
    elif less:  # what was sealed later may hold less
        why = Decision("copy", "SRC has sealed more")
        return Plan({path: why for path in files if path.endswith("/segments.json")})
    else:
        return Plan()
    return Plan({path: why for path in files if _SEGMENTS.fullmatch(path)})


def _met(theirs: Sealed, source: FileTree, files: Mapping[str, FileEntry], there: Mapping[str, FileEntry]) -> Plan:
    """The target is sealed, and the source is not: as it was then, or gone on with."""
    longer = [path for path, (size, _) in theirs.files.items() if path in files and files[path].size > size]
    if not longer:
        return Plan(inside=frozenset(theirs.files).difference(there))
    whole = (path in files and _begins(source, files[path], *sealed) for path, sealed in theirs.files.items())
    if all(whole):
        return Plan(reopened=tuple(sorted(path for path in there if _SEGMENTS.fullmatch(path)))[::-1])
    why = Decision("conflict", "is another one than the segments of DST hold")
    return Plan({path: why for path in theirs.files if path in files})


def _sealed(tree: FileTree, group: str, files: Mapping[str, FileEntry]) -> Sealed | None:
    path = f"{group}/segments.json"
    if not group or path not in files:
        return None
    try:
        document: Any = loads(tree.read(path))
        sources = {f"{group}/{each['name']}": (int(each["bytes"]), str(each["sha256"])) for each in document["sources"]}
        return Sealed(float(document["sealed_at"]), sources)
    except (StorageGone, ValueError, KeyError, TypeError):
        return None


def _begins(tree: FileTree, entry: FileEntry, size: int, digest: str) -> bool:
    """Whether the first bytes of a file are those that were sealed."""
    if entry.size < size:
        return False
    seen, at = hashlib.sha256(), 0
    while at < size:
        block = tree.read(entry.path, at, min(_BLOCK, size - at))
        if not block:
            return False
        seen.update(block)
        at += len(block)
    return seen.hexdigest() == digest
