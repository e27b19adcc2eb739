"""A folder below the root where a run is made before it is one. Readers do not look into it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..host import boot_id, hostname, process_alive, process_space, process_started
from ..security import join
from ..serialize import read_object, write_json

_NAME = ".importing"
_OWNER = "owner.json"
_REPLACED, _REPLACES = "replaced", "replaces.json"


@contextmanager
def staging(root: Path) -> Iterator[Path]:
    """A folder on the root's file system; it is gone afterwards, whatever happened in between.

    What processes that were killed have left there is removed first.
    """
    shared = root / _NAME
    sweep(root)
    mine = shared / f"{os.getpid():x}-{os.urandom(4).hex()}"
    try:
        mine.mkdir(parents=True)
        started = process_started(os.getpid())
        write_json(
            mine / _OWNER, {"host": hostname(), "boot_id": process_space(), "pid": os.getpid(), "pid_started": started}
        )
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)
        _remove_empty(shared)


@contextmanager
def put_aside(beside: Path, root: Path, folder: str) -> Iterator[None]:
    """Take what stands in a run's place away while the new one comes; it is back when that fails, and after a kill."""
    final, old = join(root, folder), beside / _REPLACED
    write_json(beside / _REPLACES, {"folder": folder})
    final.rename(old)
    try:
        yield
    except BaseException:
        if not final.exists():
            old.rename(final)
        raise


def sweep(root: Path) -> None:
    """Remove what imports of this machine left that are no more."""
    shared = root / _NAME
    if not shared.is_dir():
        return
    for folder in shared.iterdir():
        owner = read_object(folder / _OWNER)
        pid = owner.get("pid")
        if owner.get("host") != hostname() or not isinstance(pid, int):
            continue  # somebody else's, or just being made
        space = str(owner.get("boot_id"))
        if space == process_space():
            alive = process_alive(pid, owner.get("pid_started"))
        else:  # of another container, perhaps; not of this boot: it is no more
            alive = None if boot_id() and space.partition(" ")[0] == boot_id() else False
        if alive is False:
            _bring_back(root, folder)
            shutil.rmtree(folder, ignore_errors=True)
    _remove_empty(shared)


def _bring_back(root: Path, folder: Path) -> None:
    """A killed import had taken a run away, and not yet put the other one in its place."""
    old, place = folder / _REPLACED, read_object(folder / _REPLACES).get("folder")
    if isinstance(place, str) and old.is_dir() and not join(root, place).exists():
        old.rename(join(root, place))


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # others are at work
