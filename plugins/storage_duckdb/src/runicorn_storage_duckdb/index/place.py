"""Where the index of a root lies: a file in the user's cache folder, or memory where there can be none."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from runicorn.config import cache_dir

from .schema import SCHEMA, STORAGE_VERSION

#: Files for viewers that look at one root at the same time; whoever comes later gets one in memory.
SLOTS = 4


def places(root: Path) -> Iterator[Path]:
    """The files that the index of a root may be, in the order in which they are tried.

    :raises OSError: the cache folder cannot be used.
    """
    folder = cache_dir() / "index"
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"{folder} may not be written")
    named = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]
    _forget_others(folder, named)
    for slot in range(SLOTS):
        yield folder / f"{named}-{SCHEMA}-{STORAGE_VERSION}-{slot}.duckdb"


def remove(path: Path) -> None:
    """Delete an index file and what stands beside it.

    :raises OSError: it cannot be removed.
    """
    for file in (path, path.with_name(path.name + ".wal")):
        file.unlink(missing_ok=True)


def _forget_others(folder: Path, named: str) -> None:
    """Files of this root that another schema or version made."""
    mine = f"{named}-{SCHEMA}-{STORAGE_VERSION}-"
    for path in folder.glob(f"{named}-*.duckdb*"):
        if not path.name.startswith(mine):
            with suppress(OSError):
                path.unlink()
