"""Which run a request means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from attrs import frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About
from runicorn.errors import Problem
from runicorn.model.run import ExperimentRecord

RunId = Annotated[str, About("The run's id.", max_length=500)]
Folder = Annotated[str | None, About("The run's folder, where several runs carry one id.", max_length=2000)]


@frozen
class RunQuery:
    id: RunId
    path: Folder = None


def find_run(store: Store, run_id: str, folder: str | None = None) -> ExperimentRecord:
    """The run of an id; the newest when several carry it and no folder is given. Deleted runs count too.

    :raises Problem: 404.
    """
    found = [run for run in store.find_runs(run_id) if folder is None or run.ref.folder == folder]
    if not found:
        raise Problem(404, "run-not-found", f"there is no run {run_id!r}", id=run_id)
    return found[0]


def find_only(store: Store, run_id: str, folder: str | None = None) -> ExperimentRecord:
    """The run of an id, for who changes it.

    :raises Problem: 404; 409, several runs carry it and no folder is given.
    """
    record = find_run(store, run_id, folder)
    if folder is None:
        _check_only(run_id, store.find_runs(run_id))
    return record


def _check_only(run_id: str, found: Sequence[ExperimentRecord]) -> None:
    if len(found) > 1:
        folders = [record.ref.folder for record in found]
        detail = f"{run_id!r} is the id of {len(found)} runs; give the folder of one: {', '.join(folders)}"
        raise Problem(409, "run-ambiguous", detail[:1000], id=run_id, folders=folders[:20])


class Finder:
    """Finds runs by id or by folder, reading the list once for a whole request."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_folder: dict[str, ExperimentRecord] = {}
        self._by_id: dict[str, list[ExperimentRecord]] = {}
        for record in store.list_runs(deleted=None):  # newest first
            self._by_folder[record.ref.folder] = record
            self._by_id.setdefault(record.ref.id, []).append(record)

    def find(self, name: str) -> ExperimentRecord:
        """The newest, when several runs carry an id.

        :raises Problem: 404.
        """
        return self._found(name)[0]

    def only(self, name: str) -> ExperimentRecord:
        """For who changes it.

        :raises Problem: 404; 409, several runs carry this id.
        """
        found = self._found(name)
        _check_only(name, found)
        return found[0]

    def _found(self, name: str) -> Sequence[ExperimentRecord]:
        record = self._by_folder.get(name)
        found = self._by_id.get(name) if record is None else [record]
        if not found:
            raise Problem(404, "run-not-found", f"there is no run {name!r}", id=name)
        return found


def unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
