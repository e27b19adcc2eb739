"""Taking away what is no more over there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from .bringing import PARTS


def remove_run(folder: Path) -> int:
    """A whole run, in one step for whoever looks.

    :returns: how many files it had.
    :raises OSError: it stays, or what is left of it is hidden.
    """
    gone = folder.with_name(f"{PARTS}{folder.name}")
    shutil.rmtree(gone, ignore_errors=True)
    if not folder.exists():  # somebody here was quicker
        return 0
    folder.replace(gone)
    files = sum(len(names) for _, _, names in os.walk(gone))
    shutil.rmtree(gone, ignore_errors=True)
    return files


def remove_others(here: Path, stays: Callable[[str], bool]) -> tuple[bool, int]:
    """What lies in a folder, but for names that stay.

    :returns: whether there was any, and how much of it had come to its end.
    """
    found = [path for path in here.iterdir() if not stays(path.name)]
    for path in found:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return bool(found), sum(not path.name.startswith(PARTS) for path in found)
