"""A folder that somebody has packed into a ``.zip`` or ``.tar``: unpacked beside, and read like the folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from runicorn.errors import ImportProblem, UnsafePath
from runicorn.security import join

from ..archives import manifest
from ..archives.containers import DAMAGED, Member, kind_of, members
from ..jobs.jobs import own_folder, sweep

#: Against files that are small and become huge.
MOST_BYTES = 1 << 38
MOST_FILES = 1_000_000
MOST_RATIO, FROM_BYTES = 500, 1 << 30
_PIECE = 1 << 20


def is_packed(path: Path) -> bool:
    """Whether this is an archive of something else than of runs as Runicorn archives them."""
    kind = kind_of(path) if path.is_file() else None
    if kind is None:
        return False
    try:
        with members(path, kind) as found:
            first = next(found, None)
            return first is not None and first.name != manifest.NAME
    except (*DAMAGED, OSError):
        return False


@contextmanager
def unpacked(path: Path, told: Callable[[int], object] = lambda _: None) -> Iterator[Path]:
    """The folder to read: the path itself, or what was packed there, which is gone afterwards.

    :param told: called often with how many bytes it has become; what it raises ends it.
    :raises ImportProblem: it is damaged, a file in it would lie elsewhere, or it becomes more than is allowed.
    """
    if not is_packed(path):
        yield path
        return
    sweep()
    base = own_folder()
    base.mkdir(parents=True, mode=0o700)
    try:
        folder = base / (path.name.partition(".")[0] or "unpacked")
        folder.mkdir()
        try:
            _unpack(path, folder, told)
        except DAMAGED as error:
            raise ImportProblem(path.name, f"is damaged or cut off; nothing of it was imported ({error})") from error
        inner = folder / folder.name  # as ``zip -r logs.zip logs`` packs it
        read = inner if inner.is_dir() and len(list(folder.iterdir())) == 1 else folder
        try:
            yield read
        except ImportProblem as error:  # where it was unpacked is nothing that anybody knows
            raise ImportProblem(error.where.replace(str(read), path.name), error.reason) from error
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _unpack(path: Path, folder: Path, told: Callable[[int], object]) -> None:
    kind = kind_of(path)
    assert kind is not None
    packed, size = max(1, path.stat().st_size), 0
    with members(path, kind) as found:
        found.at_most(min(MOST_BYTES, max(FROM_BYTES, MOST_RATIO * packed)), 0)
        for count, member in enumerate(found, 1):
            if count > MOST_FILES:
                raise ImportProblem(path.name, f"holds more than {MOST_FILES:,} files; unpack it by hand")
            for piece in _pieces(member, folder):
                size += piece
                told(size)
                if size > MOST_BYTES or (size > FROM_BYTES and size / packed > MOST_RATIO):
                    raise ImportProblem(path.name, f"becomes more than {size:,} bytes; unpack it by hand")


def _pieces(member: Member, folder: Path) -> Iterator[int]:
    try:
        target = join(folder, member.name.removeprefix("./"))
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            while piece := member.content.read(_PIECE):
                out.write(piece)
                yield len(piece)
    except UnsafePath as error:
        raise ImportProblem("the archive", f"holds {member.name!r}, which would lie elsewhere") from error
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise ImportProblem("the archive", f"holds {member.name!r} twice") from error
