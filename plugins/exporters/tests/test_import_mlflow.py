"""Stores written by mlflow 3.17.2 (``fixtures/make_mlflow.py``), read without it."""

from __future__ import annotations

import gzip
import math
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from runicorn.contracts import Importer, RunReader, Store
from runicorn.errors import ImportProblem
from runicorn.hooks import open_store
from runicorn.managing import Imported, ImportRequest, import_runs
from runicorn.testing import ImporterContract
from runicorn_exporters.imports.mlflow.importer import MlflowImporter

WRITTEN = Path(__file__).parent / "fixtures" / "mlflow"


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    return shutil.copytree(WRITTEN / "files" / "mlruns", tmp_path / "mlruns")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    folder = shutil.copytree(WRITTEN / "sqlite", tmp_path / "server")
    packed = folder / "mlflow.db.gz"
    (folder / "mlflow.db").write_bytes(gzip.decompress(packed.read_bytes()))
    packed.unlink()
    return folder


class TestFolders(ImporterContract):
    @pytest.fixture
    def importer(self) -> Importer:
        return MlflowImporter()

    @pytest.fixture
    def source(self, folders: Path) -> Path:
        return folders


class TestDatabase(ImporterContract):
    @pytest.fixture
    def importer(self) -> Importer:
        return MlflowImporter()

    @pytest.fixture
    def source(self, database: Path) -> Path:
        return database


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_store()
    yield store
    store.close()


def bring(store: Store, path: Path, **how: Any) -> dict[str, tuple[Imported, RunReader]]:
    outcomes = {outcome.run: outcome for outcome in import_runs(store, ImportRequest(path, **how))}
    readers = {record.ref.folder: store.open_run(record.ref) for record in store.list_runs()}
    return {readers[run].record.title: (outcome, readers[run]) for run, outcome in outcomes.items()}


def points(reader: RunReader, key: str) -> list[tuple[int, Any]]:
    return [(record.step, record.data[key]) for record in reader.records() if key in record.data]


@pytest.mark.parametrize("kind", ["folders", "database"])
def test_everything_that_was_logged_is_there_or_counted(
    kind: str, store: Store, request: pytest.FixtureRequest
) -> None:
    runs = bring(store, request.getfixturevalue(kind))
    assert set(runs) == {"first", "child", "broken"}
    outcome, reader = runs["first"]
    record = reader.record
    assert (record.ref.project, record.note, record.tags) == ("digits 猫", "a note", ("team=a b",))
    assert record.status == "finished"
    assert record.ended_at is not None
    assert record.ended_at >= record.created_at > 1.79e9
    assert reader.read("params") == {"lr": 0.1, "layers": [1, 2], "optimizer": "adam", "nesterov": True, "id": "007"}
    loss = points(reader, "loss")
    assert loss[:-1] == [(step, 1 / (step + 1)) for step in range(10)]
    assert math.isnan(loss[-1][1])
    assert points(reader, "val/acc") == [(0, 0.0), (5, 0.5)]
    assert points(reader, "inf") == [(1, math.inf)]
    assert points(reader, "-inf") == [(1, -math.inf)]
    assert next(record for record in reader.records() if "val/acc" in record.data).data.keys() == {"val/acc", "val/f1"}
    media = [(medium.key, medium.kind, medium.step) for medium in reader.media()]
    assert media == [("a/sample", "image", 3), ("plain.png", "image", None)]
    assert [(link["type"], link["name"], link["files"]) for link in record.artifacts_created] == [
        ("files", f"{record.ref.project}-files", 1)
    ]
    assert (outcome.artifacts, outcome.left_out) == (1, {})

    child = runs["child"][1].record
    assert child.group == record.ref.id
    assert runs["broken"][1].record.status == "failed"


@pytest.mark.parametrize("kind", ["folders", "database"])
def test_what_mlflow_has_deleted_comes_only_when_asked_for(
    kind: str, store: Store, request: pytest.FixtureRequest
) -> None:
    path = request.getfixturevalue(kind)
    assert "deleted" not in bring(store, path)
    assert "deleted" in bring(store, path, options={"deleted": "true"})


def test_the_commit_of_a_run_is_kept_and_no_secret_of_its_remote(store: Store, database: Path) -> None:
    commit, remote = "0123456789" * 4, "https://u:hush@h/code?private_token=hush"
    with sqlite3.connect(database / "mlflow.db") as db:
        rows = [("mlflow.source.git.commit", commit), ("mlflow.source.git.repoURL", remote)]
        db.executemany("INSERT OR REPLACE INTO tags SELECT ?, ?, run_uuid FROM runs", rows)
    db.close()
    described = bring(store, database)["first"][1].read("environment")["mlflow"]
    assert isinstance(described, dict)
    assert (described["commit"], described["remote"]) == (commit, "https://h/code?private_token=***")


def test_a_parameter_of_more_digits_than_a_number_holds_is_kept(store: Store, database: Path) -> None:
    values = {"id": "12345678901234567890123", "small": "42", "lr": "1e-3", "zip": "00123"}
    with sqlite3.connect(database / "mlflow.db") as db:
        db.executemany("INSERT OR REPLACE INTO params SELECT ?, ?, run_uuid FROM runs", values.items())
    db.close()
    params = bring(store, database)["first"][1].read("params")
    assert {name: params[name] for name in values} == {**values, "small": 42, "lr": 0.001}


def test_the_database_itself_can_be_named(store: Store, database: Path) -> None:
    assert len(bring(store, database / "mlflow.db")) == 3


def test_a_database_of_somebody_else_is_told_apart(store: Store, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE runs (id)")
    db.close()
    with pytest.raises(ImportProblem, match="nothing here reads this"):
        bring(store, other)
    with pytest.raises(ImportProblem, match="is neither an mlruns folder nor a database of MLflow"):
        bring(store, other, importer="mlflow")


def test_a_database_that_is_damaged_is_one_sentence(store: Store, database: Path) -> None:
    path = database / "mlflow.db"
    whole = bytearray(path.read_bytes())
    for page in range(4096, len(whole), 4096):
        whole[page : page + 64] = b"\xff" * 64
    path.write_bytes(whole)
    with pytest.raises(ImportProblem, match=r"cannot be read|is neither"):
        bring(store, path, importer="mlflow")
