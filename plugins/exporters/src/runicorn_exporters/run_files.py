"""The files that a run is made of: what archives hold, and what is copied from another root."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

#: Not the run's: locks and leftovers.
_LEFT = (".lock", ".tmp")


def run_files(folder: Path) -> Iterator[str]:
    """Regular files, relative and in order; links are not followed, dot files are marks."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        for name in sorted(names):
            path = Path(place, name)
            if name[0] != "." and not name.endswith(_LEFT) and path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256 and size of what is in a file by now; it may be growing."""
    with path.open("rb") as file:
        left = size = os.fstat(file.fileno()).st_size
        digest = sha256()
        while left and (piece := file.read(min(left, 1 << 20))):
            digest.update(piece)
            left -= len(piece)
    return digest.hexdigest(), size - left
