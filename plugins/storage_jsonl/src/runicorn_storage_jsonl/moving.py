"""Moving a run folder to another project and name."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from runicorn.errors import InvalidArgument, RunExists
from runicorn.model.run import ExperimentRecord, RunRef
from runicorn.security import join
from runicorn.serialize import write_json

from .documents import load
from .failures import mapped

_ELSEWHERE = "move it to another project or name, or that one first"


def move(root: Path, record: ExperimentRecord, folder: Path, project: str, name: str) -> RunRef:
    """Rename the folder, then tell its ``meta.json``, which readers of this layout do not need.

    A process that resumes the run in the same instant goes on in its open files; its next document goes to a spool.

    :raises InvalidArgument: a process still writes the run, or it was written by an older version.
    :raises RunExists: a run of this id is there.
    """
    ref = record.ref
    target = RunRef(ref.id, project, name, f"{project}/{name}/runs/{ref.folder.rpartition('/')[2]}")
    if target.folder == ref.folder:
        return ref
    if record.format != "runicorn":
        raise InvalidArgument("run", ref.folder, "was written by an older Runicorn, whose folders are only read")
    if record.status == "running":
        raise InvalidArgument(
            "run", ref.folder, f"is being written on {record.hostname or 'a host'}; move it when it ended"
        )
    there = join(root, target.folder)
    with mapped("moving the run", folder):
        if there.exists():
            raise RunExists(ref.id, str(there), _ELSEWHERE)
        there.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.rename(there)
        except OSError:
            if there.exists():  # somebody was faster
                raise RunExists(ref.id, str(there), _ELSEWHERE) from None
            raise
        meta = load(str(there / "meta.json"))
        write_json(there / "meta.json", {**meta, "project": project, "name": name})
    _remove_empty(folder.parent, root)
    return target


def _remove_empty(folder: Path, root: Path) -> None:
    """Folders that the run was the last one of, so that lists show no empty names."""
    with suppress(OSError):
        while folder != root:
            os.rmdir(folder)  # noqa: PTH106 (only if nothing is in it)
            folder = folder.parent
