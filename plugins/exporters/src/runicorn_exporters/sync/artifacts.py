"""What two roots have made of the same artifact, each by itself.

Aliases, stages and notes are files with names of their own, whose order is that of their names: it is enough that both
roots have all of them. Only a version may stand in the way: one number, made twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen
from runicorn.contracts import FileEntry, FileTree
from runicorn.errors import StorageGone
from runicorn.serialize import loads

_CHANGE = re.compile(r"artifacts/events/([^/]+/[^/]+)/(\d+)[^/]*\.json")
_VERSION = re.compile(r"artifacts/versions/([^/]+/[^/]+/v\d+)\.json")
_OLDER = re.compile(r"artifacts/(?:ArtifactType\.)?([^/]+)/([^/]+/v\d+)/metadata\.json")
_USE = re.compile(r"artifacts/(?:uses|used-by/[^/]+)/([^/]+/[^/]+/v\d+)(?:/[^/]+)?(?:\.json)?")


def version_of(path: str) -> str | None:
    """``type/name/v<N>``, where the file is the record of that version."""
    found = _VERSION.fullmatch(path)
    if found is not None:
        return found[1]
    older = _OLDER.fullmatch(path)  # one that Runicorn 0.5 or 0.7 wrote
    return None if older is None else f"{older[1].lower()}/{older[2]}"


def used_version_of(path: str) -> str | None:
    """``type/name/v<N>``, where the file says that a run has used that version."""
    found = _USE.fullmatch(path.removesuffix(".json"))
    return None if found is None else found[1]


def first_made(path: str, ours: bytes, theirs: bytes) -> bytes | None:
    """Of two files that say the same, the one that was made first, whichever root asks; None where they do not.

    Two versions say the same when they hold the same files, two uses when they are of one run.
    """
    try:
        one, other = _object(ours), _object(theirs)
        when = "created_at" if version_of(path) is not None else "at"
        if version_of(path) is not None and (not one["manifest"] or one["manifest"] != other["manifest"]):
            return None
        if version_of(path) is None and used_version_of(path) is None:
            return None
        return min((float(one[when]), ours), (float(other[when]), theirs))[1]
    except (ValueError, KeyError, TypeError):
        return None


def same_version(source: FileTree, target: FileTree, path: str, theirs: Iterable[str]) -> str | None:
    """Under which other number the target has the version of a record in the source: an archive that was imported there
    brought it so.

    :param theirs: the files of no run in the target.
    """
    found = _VERSION.fullmatch(path)
    if found is None:
        return None
    folder = path.rpartition("/")[0] + "/"
    try:
        ours = _object(source.read(path))
        for other in theirs:
            if other != path and other.startswith(folder) and _VERSION.fullmatch(other):
                record = _object(target.read(other))
                if (record["manifest"], record["created_at"]) == (ours["manifest"], ours["created_at"]):
                    return other.rpartition("/")[2].removesuffix(".json")
    except (StorageGone, ValueError, KeyError, TypeError):
        return None
    return None


@frozen
class Change:
    """One event of an artifact, as far as it matters which of two counts."""

    order: tuple[int, str]
    what: str  # e.g. ``alias best``, ``stage of v3``; "" = it is only added
    to: str


def joined(
    source: FileTree, target: FileTree, ours: Mapping[str, FileEntry], theirs: Mapping[str, FileEntry]
) -> Iterator[tuple[str, str]]:
    """Artifacts that both roots have changed since they were the same, and what counts where both changed one thing.

    :param ours: the files of no run in the source. :param theirs: in the target, before anything came over.
    """
    only_ours, only_theirs = _by_artifact(set(ours) - set(theirs)), _by_artifact(set(theirs) - set(ours))
    for name in sorted(only_ours.keys() & only_theirs.keys()):
        here, there = _read(source, only_ours[name]), _read(target, only_theirs[name])
        sides = f"{len(only_ours[name])} changes of SRC, {len(only_theirs[name])} of DST"
        yield f"artifacts/events/{name}", "; ".join([sides, *_decided(here, there)])


def _decided(here: Mapping[str, Change], there: Mapping[str, Change]) -> Iterator[str]:
    for what in sorted(here.keys() & there.keys()):
        ours, theirs = here[what], there[what]
        won, last = ("SRC", ours) if ours.order > theirs.order else ("DST", theirs)
        if ours.to != theirs.to:
            yield f"{what}: {last.to}, which {won} said last"


def _by_artifact(paths: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        match = _CHANGE.fullmatch(path)
        if match is not None:
            found.setdefault(match[1], []).append(path)
    return found


def _read(tree: FileTree, paths: Iterable[str]) -> dict[str, Change]:
    """The last change of each thing."""
    found: dict[str, Change] = {}
    for path in paths:
        try:
            change = _change(path, _object(tree.read(path)))
        except (StorageGone, ValueError, KeyError, TypeError):
            continue
        if change.what and (change.what not in found or found[change.what].order < change.order):
            found[change.what] = change
    return found


def _change(path: str, document: Mapping[str, Any]) -> Change:
    match = _CHANGE.fullmatch(path)
    assert match is not None
    order, version, data = (int(match[2]), path), f"v{int(document['version'])}", document["data"]
    match document["kind"]:
        case "alias":
            return Change(order, f"alias {data['alias']}", version)
        case "unalias":
            return Change(order, f"alias {data['alias']}", "removed")
        case "stage":
            return Change(order, f"stage of {version}", str(data["to"]))
        case "delete" | "restore":
            return Change(order, version, f"{document['kind']}d")
        case _:
            return Change(order, "", "")


def _object(data: bytes) -> Mapping[str, Any]:
    found = loads(data)
    if not isinstance(found, dict):
        raise TypeError("is no object")
    return found
