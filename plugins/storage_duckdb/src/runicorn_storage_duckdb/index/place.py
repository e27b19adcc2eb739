"""Where the index of a root lies: a file in the user's cache folder, or memory where there can be none."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from runicorn.config import cache_dir

from .schema import SCHEMA, STORAGE_VERSION

#: Files for viewers that look at one root at the same time; whoever comes later gets one in memory.
SLOTS = 4
#: An index that nobody has opened for so long is removed, whichever root it is of: its root may be gone.
_FORGOTTEN_S = 90 * 86_400.0


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
    _forget_old(folder)
    for slot in range(SLOTS):
        yield folder / f"{named}-{SCHEMA}-{STORAGE_VERSION}-{slot}.duckdb"


def remove(path: Path) -> None:
    """Delete an index file that is nobody's, and what stands beside it.

    :raises OSError: it cannot be removed.
    """
    for file in (path, path.with_name(path.name + ".wal"), _condemned(path)):
        file.unlink(missing_ok=True)


def secret_path(path: Path) -> Path:
    """Where the process that has an index open says how it is asked; only its user can read it."""
    return path.with_name(path.name + ".owner")


def condemn(path: Path) -> None:
    """Say of an index that another process has open that whoever opens it next shall begin anew.

    Removing it would not do: DuckDB finds its journal by its name, and would find that of the file's successor.

    :raises OSError: it cannot be said.
    """
    _condemned(path).touch()


def is_condemned(path: Path) -> bool:
    return _condemned(path).exists()


def _condemned(path: Path) -> Path:
    return path.with_name(path.name + ".anew")


def _forget_old(folder: Path) -> None:
    """Files that nobody has open: an open one was changed when it was opened, unless it is a viewer of months."""
    oldest = time.time() - _FORGOTTEN_S
    for path in folder.glob("*.duckdb"):
        with suppress(OSError):
            if path.stat().st_mtime < oldest:
                remove(path)


def _forget_others(folder: Path, named: str) -> None:
    """Files of this root that another schema or version made."""
    mine = f"{named}-{SCHEMA}-{STORAGE_VERSION}-"
    for path in folder.glob(f"{named}-*.duckdb*"):
        if not path.name.startswith(mine):
            with suppress(OSError):
                path.unlink()
