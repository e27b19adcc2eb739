"""Media that runs of one project have in common, kept once: each run has a hard link to one file."""

from __future__ import annotations

import filecmp
import os
from contextlib import suppress
from pathlib import Path

#: Below a project. Files in it have the names that they have in runs; dot names are no runs.
POOL = ".media"


def share(project: Path, file: Path) -> None:
    """Make a media file of a run, named by its content, and its equals in other runs of the project one file.

    Nothing changes where the file system has no hard links, or anything else stands against it; the run's own file is
    whole at any moment.
    """
    pooled = project / POOL / file.parent.name / file.name
    beside = file.with_name(f".{file.name[:20]}.{os.urandom(4).hex()}.tmp")
    try:
        pooled.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file, pooled)
        except FileExistsError:
            # What stands there may have been damaged since: the name alone proves nothing.
            if not pooled.samefile(file) and filecmp.cmp(pooled, file, shallow=False):
                os.link(pooled, beside)
                beside.replace(file)
    except OSError:
        return
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def sweep(root: Path) -> None:
    """Remove what no run has any more; called when a run was removed for good. Never raises.

    Of all projects: a run that was moved shared it in another one.
    """
    with suppress(OSError):
        for project in list(root.iterdir()):
            if (project / POOL).is_dir() and not project.is_symlink():
                _sweep(project / POOL)


def _sweep(pool: Path) -> None:
    with suppress(OSError):
        for folder in list(pool.iterdir()):
            for file in list(folder.iterdir()):
                if file.stat().st_nlink == 1:  # a run that links to it now keeps what it has linked to
                    file.unlink()
            with suppress(OSError):
                folder.rmdir()
        pool.rmdir()
