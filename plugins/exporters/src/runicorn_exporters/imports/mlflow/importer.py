"""Which MLflow store lies at a path, and its runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import frozen
from runicorn.contracts import RunSource
from runicorn.errors import ImportProblem

from .database import Database, is_database
from .files import FileStore, is_file_store
from .registry import Runless
from .run import TRACES, MlflowContent, MlflowSource


@frozen
class MlflowOptions:
    """What can be chosen."""

    artifacts: bool = True  # bring the files of artifacts and models; pictures come as media in any case
    deleted: bool = False  # bring in the runs that are in MLflow's own recycle bin, too


class MlflowImporter:
    """Reads what MLflow has written itself: mlflow is not needed."""

    name = "mlflow"
    title = "stores of MLflow (mlruns folders, SQLite)"
    options = MlflowOptions

    def sniff(self, path: Path) -> float:
        return 0.9 if _database(path) is not None or is_file_store(path) else 0.0

    def read(self, path: Path, options: MlflowOptions) -> Iterator[RunSource]:
        database = _database(path)
        if database is not None:
            with Database(database) as store:
                yield from _sources(store, options)
            return
        if not is_file_store(path):
            raise ImportProblem(str(path), "is neither an mlruns folder nor a database of MLflow")
        yield from _sources(FileStore(path), options)


def _sources(store: Database | FileStore, options: MlflowOptions) -> Iterator[RunSource]:
    """The runs, and what belongs to none of them."""
    brought = set()
    runs: Iterable[MlflowContent] = store.runs()
    for run in runs:
        if options.deleted or not run.deleted:
            brought.add(run.run.id)
            yield MlflowSource(run, artifacts=options.artifacts)
    versions = [version for version in store.registry.versions if version.run not in brought]
    traces = sum(count for run, count in store.registry.traces.items() if run not in brought)
    counts = store.counted() | ({TRACES: traces} if traces else {})
    if versions or counts:
        yield Runless(versions, counts, artifacts=options.artifacts)


def _database(path: Path) -> Path | None:
    """The database, or the one in a folder that MLflow was started in."""
    if path.is_dir():
        path = path / "mlflow.db"
    return path if is_database(path) else None
