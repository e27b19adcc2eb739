"""``python -m runicorn_storage_duckdb.segments.detached ROOT FOLDER``: seal a run that has just ended."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from runicorn.errors import RunicornError
from runicorn.model.run import RunRef

from ..file_store import open_files
from .endings import why_not
from .seal import WORTHWHILE, seal_run, unsealed_bytes


class _NoPandas:
    """pyarrow looks for pandas at its first array: a second of CPU where it is installed, and nothing here needs it."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:  # noqa: ARG002
        if name == "pandas":
            raise ModuleNotFoundError(name)


def main(root: Path, folder: str) -> int:
    """0: it is sealed, or need not be; 1: it stays as it is."""
    if hasattr(os, "nice"):
        os.nice(10)  # somebody may train on this machine
    sys.meta_path.insert(0, _NoPandas())
    os.environ["RUNICORN_PLUGINS_ONLY"] = "storage-jsonl"  # the run folder is all that is looked at
    *name, _, run_id = folder.split("/")
    try:
        reader = open_files(root, {}).open_run(RunRef(run_id, name[0], "/".join(name[1:]), folder))
        if (unsealed_bytes(reader.folder) or 0) < WORTHWHILE:
            return 0
        seal_run(reader.folder, lambda: why_not(reader))
    except RunicornError:  # another process of the run still writes, the disk is full: ``runicorn storage seal`` tells
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
