"""Which files of a folder belong into an artifact."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from attrs import define, field

#: Never part of an artifact unless asked for.
DEFAULT_IGNORE = ("__pycache__/", "*.pyc", ".git/", ".DS_Store", ".ipynb_checkpoints/", ".runicorn-artifact.json")


@define
class Found:
    """What a folder holds, as it is looked through."""

    folder: Path
    ignore: Sequence[str]
    left_out: list[str] = field(factory=list, init=False)  # neither files nor folders: broken links, pipes

    def files(self) -> Iterator[tuple[str, Path]]:
        """(path with ``/``, file) of every file, in order. Links are followed, but for those to a folder above.

        :raises OSError: a folder cannot be read.
        """
        yield from self._below(self.folder, "", frozenset(map(_place, self.folder.resolve().parents)))

    def _below(self, here: Path, prefix: str, above: frozenset[tuple[int, int]]) -> Iterator[tuple[str, Path]]:
        place = _place(here)
        if place in above:
            return
        folders = []
        with os.scandir(here) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            name, is_folder = entry.name, _is(entry.is_dir)
            if _ignored(prefix, name, self.ignore, folder=is_folder):
                continue
            if is_folder:
                folders.append(name)
            elif _is(entry.is_file):
                yield prefix + name, here / name
            else:
                self.left_out.append(prefix + name)
        for name in folders:
            yield from self._below(here / name, f"{prefix}{name}/", above | {place})


def _place(folder: Path) -> tuple[int, int]:
    stat = folder.stat()
    return stat.st_dev, stat.st_ino


def _is(asked: Callable[[], bool]) -> bool:
    try:
        return asked()
    except OSError:  # links that lead to each other
        return False


def _ignored(prefix: str, name: str, ignore: Sequence[str], *, folder: bool) -> bool:
    for pattern in ignore:
        wanted = pattern.rstrip("/")
        if pattern.endswith("/") and not folder:
            continue
        subject = prefix + name if "/" in wanted else name
        if fnmatchcase(subject, wanted):
            return True
    return False
