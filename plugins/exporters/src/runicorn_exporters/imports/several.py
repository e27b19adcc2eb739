"""Several files that were sent at once: one source together, or each of them one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve
from runicorn.errors import ImportProblem
from runicorn.hooks import importer_for, importers
from runicorn.managing import Imported, ImportProgress, ImportRequest, import_runs

from .unpacked import unpacked

if TYPE_CHECKING:
    from runicorn.contracts import Importer, Store


def bring_each(
    store: Store, request: ImportRequest, told: Callable[[ImportProgress], object]
) -> tuple[Importer, list[Imported]]:
    """What becomes of each run of a file or folder. A folder that nothing reads as a whole is several files: archives,
    tables. One of them that nothing reads fails, and the others come.

    :returns: who read it (of several, the first), and the outcomes.
    :raises ImportProblem: nothing reads any of it.
    """
    files = _apart(request)
    if not files:
        importer = importer_for(request.path, request.importer)
        return importer, list(import_runs(store, evolve(request, importer=importer.name), told))
    outcomes: list[Imported] = []
    read: list[Importer] = []
    problem: ImportProblem | None = None
    for file in files:
        try:
            with unpacked(file, lambda size: told(ImportProgress(file.name, size, 0, len(outcomes)))) as path:  # noqa: B023 (called in here)
                importer = importer_for(path, request.importer)
                outcomes += import_runs(store, evolve(request, path=path, importer=importer.name), told)
                read.append(importer)
        except ImportProblem as error:
            problem = problem or error
            outcomes.append(Imported(file.name, "", "failed", str(error)))
    if problem is not None and not read:
        raise problem
    return read[0], outcomes


def _apart(request: ImportRequest) -> list[Path]:
    """The files of a folder that is none of a kind; none where it is to be read as a whole."""
    path = request.path
    if not path.is_dir():
        return []
    known = importers()
    asked = [each for name, each in known.items() if request.importer in (None, name)]
    if not asked or any(importer.sniff(path) > 0 for importer in asked):
        return []
    return sorted(file for file in path.iterdir() if file.is_file())
