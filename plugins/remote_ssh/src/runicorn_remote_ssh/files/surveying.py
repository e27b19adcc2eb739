"""A whole root listed in one answer. Asking folder by folder takes three journeys for each level, and one for each
hundred runs; a host with a shell and GNU ``find`` says all of it at once."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, runtime_checkable

from attrs import frozen
from runicorn.contracts import FileEntry
from runicorn.errors import StorageError, StorageGone, UnsafePath
from runicorn.security import check_relative

_BEGIN, _END = b"/", b"="
_KINDS: Mapping[bytes, Literal["file", "folder"]] = {b"f": "file", b"d": "folder", b"!": "folder"}
_NOWHERE = (b"l", b"L", b"N", b"?")  # links that lead nowhere, or in a circle
NO_ROOT = 3  # exit status

# The folder is $1, what of runs is not looked into $2 ("inside": their files are listed, "runs": nothing of them). An
# older root, whose depth says nothing, is left to whoever asks folder by folder. Entries end with a zero byte; the
# first one is said by GNU find alone, the last one says whether it could see everything.
_SCRIPT = (
    f'cd -- "${{1:-.}}" || exit {NO_ROOT}; if [ -e runs ]; then exit 4; fi; '
    'z=cat; command -v gzip >/dev/null 2>&1 && z="gzip -1"; '
    'if [ "$2" = inside ]; then set -- "*/runs/*/*"; else set -- "*/runs/*"; fi; '
    "{ find . -maxdepth 0 -printf '/\\t0\\t0\\t/\\0' 2>/dev/null && { find -L . -mindepth 1 "
    "-type d ! \\( -readable -executable \\) -printf '!\\t0\\t0\\t%P\\0' -prune -o "
    "-printf '%y\\t%s\\t%Ts\\t%P\\0' -type d \\( -name '.*' -o -path ./artifacts -o -path ./evaluations "
    '-o -path ./archive -o -path "$1" ! -path "*/runs/*/writers" \\) -prune 2>/dev/null; '
    "printf '=\\t%d\\t0\\t=\\0' $?; }; } | $z"
)


@runtime_checkable
class Surveys(Protocol):
    """A tree that can list a whole storage root at once."""

    def survey(self, *, inside: bool) -> Survey | None:
        """All folders down to those of the runs; with ``inside`` also what lies in these and in their ``writers``.
        None: it cannot, or not now.
        """


@frozen
class Survey:
    """What was listed, to be asked as if it were the place."""

    folders: Mapping[str, Sequence[FileEntry]]
    unread: frozenset[str] = frozenset()

    def list(self, path: str = "") -> Sequence[FileEntry]:
        if path in self.unread:
            raise StorageError("listing a folder", path, "it may not be read")
        found = self.folders.get(path)
        if found is None:
            raise StorageGone("listing a folder", path, "there is no such folder")
        return found


def command(base: str, *, inside: bool) -> list[str]:
    return ["sh", "-c", _SCRIPT, "sh", base, "inside" if inside else "runs"]


def understood(answer: bytes) -> Survey | None:
    """The entries of an answer; None where it is not whole, or something could not be seen: a run that is missing in
    it may be there.

    :raises ValueError: this is no answer of ours: another ``find``, or an older root.
    """
    try:
        said = zlib.decompress(answer, 31) if answer[:2] == b"\x1f\x8b" else answer
    except zlib.error:
        return None
    first, *lines = said.split(b"\0")
    if first.split(b"\t", 1)[0] != _BEGIN:
        raise ValueError("no list of a root")
    if len(lines) < 2 or lines[-1] or lines[-2].split(b"\t")[:2] != [_END, b"0"]:
        return None
    folders: dict[str, list[FileEntry]] = {"": []}
    unread: set[str] = set()
    for line in lines[:-2]:
        kind, size, modified_at, name = line.split(b"\t", 3)
        length, seconds = int(size), float(int(modified_at))
        try:
            path = check_relative(name.decode())
        except (UnicodeDecodeError, UnsafePath):  # names that are no text hide only themselves
            continue
        last = path.rpartition("/")[2]
        if last.startswith(".~") or "\\" in path:
            continue
        if kind == b"!":
            unread.add(path)
        known: Literal["file", "folder", "other"] = _KINDS.get(kind, "other")
        if known == "folder":
            folders.setdefault(path, [])
        if kind in _NOWHERE:
            seconds = 0.0
        entry = FileEntry(path, known, length if known == "file" else 0, seconds)
        folders.setdefault(path.rpartition("/")[0], []).append(entry)
    for entries in folders.values():
        entries.sort(key=lambda entry: entry.path)
    return Survey(folders, frozenset(unread))
