"""One file from there to here: whole and in one step, or the part by which it has grown."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from runicorn.contracts import FileEntry
from runicorn.errors import StorageGone

#: Files of a run that only ever grow: what is here already stays, and the rest is read.
_GROWING = re.compile(r"(events|logs|system)(-[0-9a-f]{8})?\.(jsonl|txt)")
#: What is being brought, beside its place; such names are no runs and no documents.
PARTS = ".~"
_BLOCK = 4 << 20
_OVERLAP = 256  # bytes of what is here that must agree with what is there

Moved = Callable[[int], None]


class Readable(Protocol):
    """What is read from: a tree of files (:class:`~runicorn.contracts.FileTree`), or what has come of one."""

    def list(self, path: str = "") -> Sequence[FileEntry]: ...

    def stat(self, path: str) -> FileEntry | None: ...

    def read(self, path: str, offset: int = 0, size: int | None = None) -> bytes: ...


def nobody(_: int) -> None:
    """Is told of what nobody counts."""


def grows(path: str) -> bool:
    return _GROWING.fullmatch(path.rpartition("/")[2]) is not None


def bring(tree: Readable, entry: FileEntry, target: Path, *, settled: bool, moved: Moved) -> None:
    """Make ``target`` what ``entry`` says. Whoever reads it meanwhile sees the old content, the new one, or (of a file
    that grows) the beginning of the new one, as they would over there.

    :param settled: False = it may change once more without a visible change; it is brought again next time.
    :param moved: told of the bytes that came.
    :raises StorageGone: it is there no more.
    :raises StorageError: it could not be read; what was here is unchanged, or has grown.
    """
    if grows(entry.path) and _extended(tree, entry, target, moved):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f"{PARTS}{target.name[:60]}.{secrets.token_hex(4)}")
    try:
        with beside.open("xb") as file:
            size = _copied(tree, entry, 0, file.write, moved)
        whole = (settled or grows(entry.path)) and size == entry.size
        _set_time(beside, entry.modified_at if whole else entry.modified_at - 1.0)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def in_step(entry: FileEntry, target: Path) -> bool:
    """Whether what is here is what ``entry`` says."""
    try:
        found = target.stat()
    except OSError:
        return False
    return found.st_size == entry.size and abs(found.st_mtime - entry.modified_at) < 1e-3


def _extended(tree: Readable, entry: FileEntry, target: Path, moved: Moved) -> bool:
    """False when what is here is no beginning of what is there: then it is brought anew."""
    try:
        have = target.stat().st_size
    except OSError:
        if entry.size <= _BLOCK:
            return False
        have = 0  # a large one grows here from its beginning, so that what has come is not lost with the connection
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    if have >= entry.size and have:
        return False
    overlap = min(have, _OVERLAP)
    with target.open("r+b") as file:
        file.seek(have - overlap)
        here = file.read(overlap)
        first = min(_BLOCK, entry.size - have + overlap)
        data = tree.read(entry.path, have - overlap, first)
        if len(data) < overlap or data[:overlap] != here:
            return False
        file.seek(have)
        file.write(data[overlap:])
        moved(len(data) - overlap)
        at = have + len(data) - overlap
        if at < entry.size and len(data) == first:
            at += _copied(tree, entry, at, file.write, moved)
    if at == entry.size:
        _set_time(target, entry.modified_at)
    return True


def _copied(tree: Readable, entry: FileEntry, at: int, write: Callable[[bytes], object], moved: Moved) -> int:
    """Bytes from ``at`` to the size that was listed; fewer when the file has become shorter."""
    begin = at
    while at < entry.size:
        data = tree.read(entry.path, at, min(_BLOCK, entry.size - at))
        if not data:
            break
        write(data)
        moved(len(data))
        at += len(data)
    if entry.size == 0 and tree.stat(entry.path) is None:
        raise StorageGone("reading", entry.path, "there is no such file")
    return at - begin


def _set_time(path: Path, modified_at: float) -> None:
    exact = round(modified_at * 1e9)
    os.utime(path, ns=(exact, exact))
