"""Several files that were sent at once: one source together, or each of them one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve
from runicorn.errors import Cancelled, ImportProblem, RunicornError, StorageError
from runicorn.hooks import importer_for, importers
from runicorn.managing import Imported, ImportProgress, ImportRequest, import_runs

from .unpacked import unpacked

if TYPE_CHECKING:
    from runicorn.contracts import Importer, Store


def bring_each(
    store: Store,
    request: ImportRequest,
    told: Callable[[ImportProgress], object],
    came: Callable[[Imported], object] = lambda _: None,
) -> tuple[Importer, list[Imported]]:
    """What becomes of each run of a file or folder. A folder that nothing reads as a whole is several files and
    folders: archives, tables. One of them that cannot be read fails, and the others come.

    :param came: told of each outcome as soon as it is one, once something could be read.
    :returns: who read it (of several, the first), and the outcomes.
    :raises RunicornError: none of it can be read; of several, why the first one cannot.
    :raises StorageError: the root cannot be written to: what would follow is not tried.
    """
    outcomes: list[Imported] = []
    read: list[Importer] = []
    said = 0

    def take(*more: Imported) -> None:
        nonlocal said
        outcomes.extend(more)
        while read and said < len(outcomes):
            came(outcomes[said])
            said += 1

    parts = [*_apart(request, request.path)]
    if parts in ([], [request.path]):
        importer = importer_for(request.path, request.importer)
        read.append(importer)
        for outcome in import_runs(store, evolve(request, importer=importer.name), told):
            take(outcome)
        return importer, outcomes
    problem: RunicornError | None = None
    for file in parts:
        try:
            with unpacked(file, lambda size: told(ImportProgress(file.name, size, 0, len(outcomes)))) as path:  # noqa: B023 (called in here)
                importer = importer_for(path, request.importer)
                for outcome in import_runs(store, evolve(request, path=path, importer=importer.name), told):
                    read.append(importer)
                    take(outcome)
                read.append(importer)
        except (Cancelled, StorageError):
            raise
        except RunicornError as error:
            problem = problem or error
            reason = error.reason if isinstance(error, ImportProblem) else str(error)
            take(Imported(file.relative_to(request.path).as_posix(), "", "failed", reason))
    if problem is not None and not read:
        raise problem
    take()
    return read[0], outcomes


def _apart(request: ImportRequest, path: Path) -> Iterator[Path]:
    """The path itself where it is no folder or to be read as a whole; else the same of all that lies in it."""
    known = importers()
    asked = [each for name, each in known.items() if request.importer in (None, name)]
    if not path.is_dir() or not asked or any(importer.sniff(path) > 0 for importer in asked):
        yield path
        return
    for each in sorted(path.iterdir()):
        if each.is_symlink() and each.is_dir():
            continue  # perhaps to a folder above
        yield from _apart(request, each)
