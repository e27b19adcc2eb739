"""Fixtures for tests of runs: what stands in the test's own storage root."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from runicorn import Run
from runicorn.contracts import RunReader
from runicorn.hooks import open_store
from runicorn.loader import Manager, use_manager
from runicorn.model.run import ExperimentRecord

ReadBack = Callable[[], RunReader]


@pytest.fixture
def plugins() -> Iterator[Manager]:
    """A plugin manager of the test's own, with the installed plugins and what the test adds."""
    with use_manager(Manager()) as manager:
        yield manager


@pytest.fixture
def only_run(root: Path) -> Callable[[], ExperimentRecord]:
    """The one run below the root."""

    def find() -> ExperimentRecord:
        (record,) = open_store(root).list_runs()
        return record

    return find


@pytest.fixture
def read_back(root: Path, only_run: Callable[[], ExperimentRecord]) -> ReadBack:
    """A reader of the one run below the root."""
    return lambda: open_store(root).open_run(only_run().ref)


@pytest.fixture
def records() -> Callable[[Run], list[tuple[int, dict[str, Any]]]]:
    """(step, data) of every record of a run, as a reader gets them now."""

    def read(run: Run) -> list[tuple[int, dict[str, Any]]]:
        (found,) = open_store(run.dir.parents[run.name.count("/") + 3]).find_runs(run.id)
        reader = open_store(run.dir.parents[run.name.count("/") + 3]).open_run(found.ref)
        return [(record.step, dict(record.data)) for record in reader.records()]

    return read
