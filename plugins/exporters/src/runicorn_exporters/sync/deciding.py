"""What is to be done with one file."""

from __future__ import annotations

import re
import time
from typing import Literal, TypeAlias

from attrs import frozen
from runicorn.contracts import FileEntry, FileTree

from ..manifest.generator import GROWING
from .artifacts import first_made

Action: TypeAlias = Literal["copy", "extend", "same", "kept", "conflict"]
#: What becomes of a file that both roots have made, each with other content.
OnConflict: TypeAlias = Literal["skip", "src", "dst"]

_PROOF = 64 << 10  # bytes before the end that are compared before a file is extended
_SETTLED_S = 2.0
#: Where time cannot tell, what is as young (seconds) and small (bytes) as this is compared.
_DOUBT_S, _MOST_DOUBTFUL = 3600.0, 1 << 20
_OBJECTS = re.compile(r"artifacts/objects/")
_ONCE = re.compile(r"artifacts/(versions|events|uses|used-by)/")  # made once, never changed


@frozen
class Decision:
    action: Action
    why: str = ""


_SAME, _COPY, _EXTEND = Decision("same"), Decision("copy"), Decision("extend")
CONFLICTS: dict[OnConflict, Decision] = {
    "skip": Decision("conflict", "both roots have made this one, each with other content (see --on-conflict)"),
    "src": Decision("copy", "SRC's replaces DST's"),
    "dst": Decision("kept", "is another one there"),
}
#: Decisions that leave another version in the target than the source means.
APART = (CONFLICTS["skip"], CONFLICTS["dst"])


def is_growing(path: str) -> bool:
    return GROWING.fullmatch(path.rpartition("/")[2]) is not None


def decide(
    source: FileTree,
    target: FileTree,
    old: FileEntry,
    new: FileEntry | None,
    *,
    overwrite: bool,
    on_conflict: OnConflict,
) -> Decision:
    """
    :param old: as it is in the source. :param new: as it is in the target; its path may be that of a stage.
    """
    if new is None:
        return _COPY
    if _OBJECTS.match(old.path):  # its name is the hash of its content
        return _SAME if old.size == new.size else _COPY
    if old.size == new.size and same_time(old.modified_at, new.modified_at):
        if not _doubtful(old, new) or source.read(old.path) == target.read(new.path):
            return _SAME
        return Decision("kept", "is newer there") if new.modified_at > old.modified_at and not overwrite else _COPY
    if _ONCE.match(old.path):
        return _made_twice(old.path, source.read(old.path), target.read(new.path), on_conflict)
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
    if old.size == new.size <= _MOST_DOUBTFUL and source.read(old.path) == target.read(new.path):
        return _SAME
    return Decision("kept", "is newer there")


def _made_twice(path: str, ours: bytes, theirs: bytes, on_conflict: OnConflict) -> Decision:
    if ours == theirs:
        return _SAME
    first = first_made(path, ours, theirs)
    if first is not None:
        return Decision("copy", "SRC made it first") if first == ours else Decision("kept", "was made first there")
    return CONFLICTS[on_conflict]


def _doubtful(old: FileEntry, new: FileEntry) -> bool:
    """Whether one may have changed within the second of the other, which its time cannot tell: of a place that knows
    only whole seconds, and whose clock need not be ours. What changed long ago had been settled when it came over."""
    whole = old.modified_at.is_integer() or new.modified_at.is_integer()
    plain = not is_growing(old.path) and not _ONCE.match(old.path) and old.size <= _MOST_DOUBTFUL
    return whole and plain and abs(time.time() - old.modified_at) < _DOUBT_S


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
