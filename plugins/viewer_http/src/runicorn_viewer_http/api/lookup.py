"""Which run a request means."""

from __future__ import annotations

from collections.abc import Iterable
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


class Finder:
    """Finds runs by id or by folder, reading the list once for a whole request."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_folder: dict[str, ExperimentRecord] = {}
        self._by_id: dict[str, ExperimentRecord] = {}
        for record in reversed(store.list_runs(deleted=None)):  # oldest first: the newest of an id stays
            self._by_folder[record.ref.folder] = self._by_id[record.ref.id] = record

    def find(self, name: str) -> ExperimentRecord:
        """:raises Problem: 404."""
        record = self._by_folder.get(name) or self._by_id.get(name)
        if record is None:
            raise Problem(404, "run-not-found", f"there is no run {name!r}", id=name)
        return record


def unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
