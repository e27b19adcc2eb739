"""Which files of a folder belong into an artifact."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

#: Never part of an artifact unless asked for.
DEFAULT_IGNORE = ("__pycache__/", "*.pyc", ".git/", ".DS_Store", ".ipynb_checkpoints/", ".runicorn-artifact.json")


def files_below(folder: Path, ignore: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """(path with ``/``, file) of every file, in order; links are followed to files, not to folders.

    :param ignore: patterns as for a shell: ``*.tmp`` for a name at any depth, ``cache/`` for a folder at any depth,
        ``data/raw/*`` for a path from the top.
    """
    for place, folders, names in os.walk(folder):
        here = Path(place)
        inside = here.relative_to(folder).as_posix()
        prefix = "" if inside == "." else f"{inside}/"
        folders[:] = sorted(name for name in folders if not _ignored(prefix, name, ignore, folder=True))
        for name in sorted(names):
            if not _ignored(prefix, name, ignore, folder=False) and (here / name).is_file():
                yield prefix + name, here / name


def _ignored(prefix: str, name: str, ignore: Sequence[str], *, folder: bool) -> bool:
    for pattern in ignore:
        wanted = pattern.rstrip("/")
        if pattern.endswith("/") and not folder:
            continue
        subject = prefix + name if "/" in wanted else name
        if fnmatchcase(subject, wanted):
            return True
    return False
