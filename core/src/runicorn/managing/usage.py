"""How much space runs take."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from attrs import frozen

from ..model.run import ExperimentRecord
from ..security import join


@frozen
class ProjectUsage:
    """Of one project; the recycle bin is counted by itself."""

    project: str
    runs: int
    bytes: int
    deleted_runs: int
    deleted_bytes: int


def size_of(folder: Path, seen: set[tuple[int, int]] | None = None) -> int:
    """Bytes of all files below a folder. Symbolic links are not followed; what vanishes meanwhile counts nothing.

    :param seen: files of several names (hard links) that were counted before; they are not counted again.
    """
    total = 0
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    try:
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
                        else:
                            stat = entry.stat(follow_symlinks=False)
                            if seen is not None and stat.st_nlink > 1:
                                if (stat.st_dev, stat.st_ino) in seen:
                                    continue
                                seen.add((stat.st_dev, stat.st_ino))
                            total += stat.st_size
                    except OSError:
                        continue
        except OSError:
            continue
    return total


def usage_of(root: Path, records: Iterable[ExperimentRecord]) -> list[ProjectUsage]:
    """One row for each project, the largest first."""
    found: dict[str, list[int]] = {}
    seen: set[tuple[int, int]] = set()  # media that several runs share
    for record in records:
        row = found.setdefault(record.ref.project, [0, 0, 0, 0])
        place = 0 if record.deleted_at is None else 2
        row[place] += 1
        row[place + 1] += size_of(join(root, record.ref.folder), seen)
    rows = [ProjectUsage(project, *row) for project, row in found.items()]
    return sorted(rows, key=lambda row: -(row.bytes + row.deleted_bytes))
