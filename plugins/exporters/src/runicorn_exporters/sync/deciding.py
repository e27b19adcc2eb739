"""What is to be done with one file."""

from __future__ import annotations

import re
import time
from typing import Literal, TypeAlias

from attrs import frozen
from runicorn.contracts import FileEntry, FileTree

from ..manifest.generator import GROWING

Action: TypeAlias = Literal["copy", "extend", "same", "kept", "conflict"]

_PROOF = 64 << 10  # bytes before the end that are compared before a file is extended
_SETTLED_S = 2.0
_OBJECTS = re.compile(r"artifacts/objects/")
_NUMBERED = re.compile(r"artifacts/(versions|events)/")
_ONCE = re.compile(r"artifacts/(versions|events|uses|used-by)/")  # made once, never changed


@frozen
class Decision:
    action: Action
    why: str = ""


_SAME, _COPY, _EXTEND = Decision("same"), Decision("copy"), Decision("extend")


def is_change(path: str) -> bool:
    """Whether it is one of the numbered changes of an artifact, which mean its versions by their numbers."""
    return path.startswith("artifacts/events/")


def artifact_of(path: str) -> frozenset[str]:
    """``type/name`` of the artifact that a version or a change is one of."""
    return frozenset(["/".join(path.split("/")[2:4])] if _NUMBERED.match(path) else [])


def is_growing(path: str) -> bool:
    return GROWING.fullmatch(path.rpartition("/")[2]) is not None


def decide(source: FileTree, target: FileTree, old: FileEntry, new: FileEntry | None, *, overwrite: bool) -> Decision:
    """
    :param old: as it is in the source. :param new: as it is in the target; its path may be that of a stage.
    """
    if new is None:
        return _COPY
    if _OBJECTS.match(old.path):  # its name is the hash of its content
        return _SAME if old.size == new.size else _COPY
    if old.size == new.size and same_time(old.modified_at, new.modified_at):
        return _SAME
    if _ONCE.match(old.path):
        if old.size == new.size and source.read(old.path) == target.read(new.path):
            return _SAME
        return Decision("conflict", "both roots have made this one, each with other content")
    if is_growing(old.path):
        shorter = min(old.size, new.size)
        begin = max(0, shorter - _PROOF)
        length = shorter - begin
        if not length or source.read(old.path, begin, length) == target.read(new.path, begin, length):
            if old.size == new.size:
                return _SAME
            return _EXTEND if old.size > new.size else Decision("kept", "has more there")
    if overwrite or old.modified_at > new.modified_at:
        return _COPY
    return Decision("kept", "is newer there")


def same_time(one: float, other: float) -> bool:
    """Places that know only whole seconds cut off the rest."""
    if one.is_integer() or other.is_integer():
        return int(one) == int(other)
    return abs(one - other) < 1e-5


def stamp(entry: FileEntry) -> float:
    """The time that a copy gets. One that was touched just now may change again within the same tick of the clock: its
    copy looks older, so that it is copied once more next time."""
    settled = time.time() - entry.modified_at > _SETTLED_S
    return entry.modified_at if settled else entry.modified_at - 2 * _SETTLED_S
