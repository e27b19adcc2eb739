"""Files and folders that are there whole or not at all, and what killed processes left of theirs.

They are made in folders of other people, so a lock on the one hidden name tells who lives. Where imports are made
(``managing.staging``) is a folder of ours, perhaps shared by machines that do not see each other's locks: there an
owner is named, by machine and process, and a run that was put aside is brought back, which no lock could tell.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # Windows, where a file that is open cannot be removed
    flock = None  # type: ignore[assignment]  # mypy knows the function

#: Of one that is being made: hidden, and told from files of others by its ending.
_BEING_MADE = re.compile(r"\..+\.[0-9a-f]{12}\.runicorn\.tmp")


@contextmanager
def appearing(path: Path, *, folder: bool = False) -> Iterator[Path]:
    """An empty file (or folder) beside ``path``: it becomes ``path`` when the block ends well, else it is removed.

    It is locked as long as its process lives. Those that nobody holds any more, in the same folder, are removed first.
    A file has reached the disk before it appears. Where ``path`` is a link, what it leads to is replaced, not the link;
    a device or a pipe (``/dev/stdout``, ``>(gzip)``) stays what it is and is what the block gets.

    :raises OSError: it cannot be made or renamed.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        yield path
        return
    if path.is_symlink():
        path = path.resolve()
    _remove_left(path.parent)
    beside, held = _made(path, folder)
    try:
        yield beside
        if not folder:
            _flush(beside)
        beside.replace(path)
    except BaseException:  # Ctrl-C and a cancelled export leave nothing behind, either
        _remove(beside)
        raise
    finally:
        if held is not None:
            os.close(held)


def _made(path: Path, folder: bool) -> tuple[Path, int | None]:
    while True:  # again, where somebody took it for one that was left before it was locked
        name = path.name.encode("utf-8", "ignore")[:100].decode("utf-8", "ignore")  # a name has 255 bytes at most
        beside = path.with_name(f".{name}.{os.urandom(6).hex()}.runicorn.tmp")
        if folder:
            beside.mkdir()
        else:
            beside.touch(exist_ok=False)
        if flock is None:
            return beside, None
        try:
            held = os.open(beside, os.O_RDONLY)
        except FileNotFoundError:
            continue
        try:
            flock(held, LOCK_EX | LOCK_NB)
            if os.path.samestat(os.fstat(held), beside.stat()):
                return beside, held
        except (BlockingIOError, FileNotFoundError):
            pass
        except OSError:  # no locks on this file system: nobody removes it, either
            return beside, held
        os.close(held)


def _flush(file: Path) -> None:
    with file.open("rb+") as out:
        os.fsync(out.fileno())


def _remove_left(folder: Path) -> None:
    with suppress(OSError):
        names = [name for name in os.listdir(folder) if _BEING_MADE.fullmatch(name)]  # noqa: PTH208 (names are enough)
        for name in names:
            _remove_unheld(folder / name)


def _remove_unheld(path: Path) -> None:
    """The lock is kept until it is gone: whoever is just making it gets the lock of nothing, and makes another."""
    if flock is None:
        if not path.is_dir():
            _remove(path)
        return
    with suppress(OSError):  # it is gone, or somebody holds it
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            flock(descriptor, LOCK_EX | LOCK_NB)
            _remove(path)
        finally:
            os.close(descriptor)


def _remove(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
