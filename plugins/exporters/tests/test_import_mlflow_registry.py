"""Models, datasets, prompts and traces of mlflow 3.17.2 (``fixtures/make_mlflow_registry.py``), read without it."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.contracts import Store
from runicorn.hooks import open_store
from runicorn.managing import Imported, ImportRequest, import_runs
from runicorn_exporters.imports.mlflow.places import Places

WRITTEN = Path(__file__).parent / "fixtures" / "mlflow-registry"
KINDS = pytest.mark.parametrize("kind", ["files", "sqlite"])


@pytest.fixture
def stores(tmp_path: Path) -> Path:
    """Both stores, moved away from where MLflow has written them."""
    folder = shutil.copytree(WRITTEN, tmp_path / "stores")
    packed = folder / "sqlite" / "mlflow.db.gz"
    (folder / "sqlite" / "mlflow.db").write_bytes(gzip.decompress(packed.read_bytes()))
    packed.unlink()
    return folder


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_store()
    yield store
    store.close()


def bring(store: Store, path: Path, **how: Any) -> tuple[dict[str, str], list[Imported]]:
    """The ids of the runs by their titles, and the outcomes."""
    outcomes = list(import_runs(store, ImportRequest(path, **how)))
    return {record.title: record.ref.id for record in store.list_runs()}, outcomes


@KINDS
def test_registered_versions_are_versions_with_their_numbers_aliases_and_stages(
    store: Store, stores: Path, kind: str
) -> None:
    runs, _ = bring(store, stores / kind)
    repository = rn.open_artifacts(store.root)
    versions = repository.versions(repository.find("model/digits-net").of)
    found = [(v.number, v.state.stage, v.aliases, v.record.run and v.record.run.id) for v in versions]
    assert found == [
        (1, "archived", ("old",), runs["train 0"]),
        (2, "production", ("champion",), runs["train 1"]),
        (3, None, (), runs["train 2"]),
        (4, None, ("latest",), None),
    ]
    champion = rn.use_artifact("digits-net:champion", storage=store.root)
    assert champion.path("weights.txt").read_text() == "second"
    assert champion.record.record.description == "no. 1"
    assert sorted(champion.record.record.tags) == ["nr=1", "task=ocr"]
    assert champion.metadata["mlflow_version"] == 2
    remote = rn.use_artifact("digits-net:v4", storage=store.root)
    assert [str(reference.uri) for reference in remote.references] == ["s3://bucket/net"]
    free = rn.use_artifact("model/free", storage=store.root)
    assert free.path("w.txt").read_text() == "of no run"


@KINDS
def test_what_runs_were_given_stands_in_the_lineage(store: Store, stores: Path, kind: str) -> None:
    runs, _ = bring(store, stores / kind)
    used = {
        record.title: {(link["type"], link["name"]) for link in record.artifacts_used} for record in store.list_runs()
    }
    data = {("dataset", "train")}
    assert used == {"train 0": data, "train 1": data, "train 2": data, "evaluate": {("model", "models-net")}}
    repository = rn.open_artifacts(store.root)
    graph = rn.LineageTracker(repository).of_version(repository.find("dataset/train"), depth=5)
    assert {node.data.get("id") for node in graph.nodes if node.kind == "run"} == set(runs.values())
    dataset = rn.use_artifact("dataset/train", storage=store.root)
    told = json.loads(dataset.path("dataset.json").read_text())
    assert (told["digest"], told["source_type"]) == ("abcd1234", "http")
    assert [str(reference.uri).partition("?")[0] for reference in dataset.references] == [
        "https://example.org/train.csv"
    ]
    everything = b"".join(path.read_bytes() for path in store.root.rglob("*") if path.is_file())
    assert b"token=secret" not in everything


@pytest.mark.parametrize("column", ["source", "schema", "profile"])
@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ('{"uris": ["https://u:hush@h/x?token=hush&n=1"]}', {"uris": ["https://h/x?token=***&n=1"]}),
        ('[{"url": {"a": "https://h/x?X-Amz-Signature=hush"}}]', [{"url": {"a": "https://h/x?X-Amz-Signature=***"}}]),
        ("https://u:hush@h/x?sig=hush", "https://h/x?sig=***"),
    ],
)
def test_no_secret_of_a_dataset_is_kept_however_deep_it_is(
    store: Store, stores: Path, column: str, kept: str, shown: object
) -> None:
    with sqlite3.connect(stores / "sqlite" / "mlflow.db") as db:
        db.execute(f"UPDATE datasets SET dataset_{column} = ?", [kept])
    db.close()
    bring(store, stores / "sqlite")
    dataset = rn.use_artifact("dataset/train", storage=store.root)
    assert json.loads(dataset.path("dataset.json").read_text())[column] == shown
    assert b"hush" not in b"".join(path.read_bytes() for path in store.root.rglob("*") if path.is_file())


def test_what_the_source_of_a_dataset_calls_a_secret_is_hidden_and_a_column_of_that_name_is_none(
    store: Store, stores: Path
) -> None:
    with sqlite3.connect(stores / "sqlite" / "mlflow.db") as db:
        db.execute(
            """UPDATE datasets SET dataset_source = '{"a": {"token": "x"}}', dataset_schema = '{"token": "long"}'"""
        )
    db.close()
    bring(store, stores / "sqlite")
    told = json.loads(rn.use_artifact("dataset/train", storage=store.root).path("dataset.json").read_text())
    assert (told["source"], told["schema"]) == ({"a": {"token": "***"}}, {"token": "long"})


@pytest.fixture(params=["a#b", "a?b", "50%25", "100% 猫"])
def odd(request: pytest.FixtureRequest) -> str:
    """A name that would be another one as a part of an address."""
    return str(request.param)


@pytest.mark.parametrize("above", ["plain", "c#1?x%41"])
def test_a_model_comes_whatever_the_folders_around_it_are_called(
    store: Store, stores: Path, odd: str, above: str
) -> None:
    folder = stores.rename(stores.with_name(above)) / "files"
    (meta,) = folder.glob("mlruns/models/digits-net/version-1/meta.yaml")
    (artifacts,) = folder.glob(f"mlruns/*/{run_of(meta)}/artifacts")
    (artifacts / "plain").rename(artifacts / odd)
    meta.write_text(meta.read_text().replace(f"{run_of(meta)}/plain", f"{run_of(meta)}/{odd}"))
    bring(store, folder)
    assert rn.use_artifact("digits-net:v1", storage=store.root).path("weights.txt").read_text() == "first"


def run_of(meta: Path) -> str:
    return next(line.partition(": ")[2] for line in meta.read_text().splitlines() if line.startswith("run_id"))


@pytest.mark.parametrize("appended", [False, True])
def test_a_model_of_a_database_comes_whatever_its_folder_is_called(
    store: Store, stores: Path, odd: str, appended: bool
) -> None:
    with sqlite3.connect(stores / "sqlite" / "mlflow.db") as db:
        which = "name = 'digits-net' AND version = 1"
        (run,) = db.execute(f"SELECT run_id FROM model_versions WHERE {which}").fetchone()
        (artifacts,) = stores.glob(f"sqlite/*/*/{run}/artifacts")
        kept = artifacts.rename(artifacts.with_name("kept here"))  # which only its address tells
        (kept / "plain").rename(kept / odd)
        db.execute("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", [kept.as_uri(), run])
        source = f"file://{kept}/{odd}" if appended else f"runs:/{run}/{odd}"
        db.execute(f"UPDATE model_versions SET source = ?, storage_location = NULL WHERE {which}", [source])
    db.close()
    bring(store, stores / "sqlite")
    assert rn.use_artifact("digits-net:v1", storage=store.root).path("weights.txt").read_text() == "first"


@pytest.mark.parametrize(
    "named", [r"C:\data\mlruns\1\m", "file:///C:/data/mlruns/1/m", "/gone/mlruns/1/m", "./mlruns/1/m"]
)
def test_a_store_that_was_moved_is_found_wherever_it_was_written(tmp_path: Path, named: str) -> None:
    (tmp_path / "mlruns" / "1" / "m").mkdir(parents=True)
    assert Places(tmp_path).folder(named) == tmp_path / "mlruns" / "1" / "m"


def test_a_store_is_looked_through_once_however_many_versions_there_are(
    store: Store, stores: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = stores / "files" / "mlruns" / "models" / "digits-net"
    for number in range(10, 20):
        shutil.copytree(base / "version-1", base / f"version-{number}")
        meta = base / f"version-{number}" / "meta.yaml"
        meta.write_text(meta.read_text().replace("version: 1\n", f"version: {number}\n"))
    walks: list[str] = []
    glob = Path.glob

    def counted(self: Path, pattern: str, **how: Any) -> Iterator[Path]:
        walks.append(pattern)
        return iter(list(glob(self, pattern, **how)))

    monkeypatch.setattr(Path, "glob", counted)
    bring(store, stores / "files")
    assert walks.count("*/*/meta.yaml") == 1
    assert rn.use_artifact("digits-net:v19", storage=store.root).path("weights.txt").read_text() == "first"


@KINDS
def test_a_logged_model_has_its_parameters_and_metrics(store: Store, stores: Path, kind: str) -> None:
    bring(store, stores / kind)
    model = rn.use_artifact("model/models-net:v1", storage=store.root)
    assert model.path("weights.txt").read_text() == "first"
    assert model.metadata["params"] == {"depth": "0"}
    assert model.metadata["metrics"]["accuracy"] == pytest.approx(0.5)
    assert model.metadata["tags"] == {"by": "hand"}


@KINDS
def test_traces_are_counted_with_their_runs_and_without(store: Store, stores: Path, kind: str) -> None:
    runs, outcomes = bring(store, stores / kind)
    counted = {outcome.run.rpartition("/")[2]: outcome.left_out for outcome in outcomes if outcome.left_out}
    assert counted == {runs["evaluate"]: {"traces": 1}, "": {"traces": 1}}
    (beside,) = [outcome for outcome in outcomes if outcome.part]
    assert (beside.became, beside.artifacts) == ("added", {"files": 2, "sqlite": 3}[kind])


def test_a_prompt_is_a_version_of_a_text(store: Store, stores: Path) -> None:
    bring(store, stores / "sqlite")
    assert rn.use_artifact("prompt/greet:v1", storage=store.root).path("prompt.txt").read_text() == "hello {{name}}"


@KINDS
def test_importing_again_changes_nothing(store: Store, stores: Path, kind: str) -> None:
    bring(store, stores / kind)
    before = {path: path.read_bytes() for path in (store.root / "artifacts").rglob("*") if path.is_file()}
    _, outcomes = bring(store, stores / kind)
    assert {outcome.became for outcome in outcomes} == {"there"}
    assert {path: path.read_bytes() for path in (store.root / "artifacts").rglob("*") if path.is_file()} == before


def test_a_version_that_was_registered_since_comes_with_an_update(store: Store, stores: Path) -> None:
    runs, _ = bring(store, stores / "sqlite")
    with sqlite3.connect(stores / "sqlite" / "mlflow.db") as db:
        db.execute("UPDATE model_versions SET current_stage = 'Staging' WHERE name = 'digits-net' AND version = 3")
        db.execute("INSERT INTO registered_model_aliases VALUES ('new', 3, 'digits-net', 'default')")
    db.close()
    _, outcomes = bring(store, stores / "sqlite", conflict="update")
    updated = {outcome.run.rpartition("/")[2] for outcome in outcomes if outcome.became == "updated"}
    assert updated == {runs["train 2"]}
    assert rn.use_artifact("digits-net:new", storage=store.root).stage == "staging"


def test_a_number_that_another_version_has_here_is_not_taken_from_it(store: Store, stores: Path) -> None:
    mine = rn.Artifact("digits-net")
    with mine.new_file("mine.txt") as file:
        file.write(b"mine")
    rn.log_artifact(mine, storage=store.root)
    bring(store, stores / "sqlite")
    assert rn.use_artifact("digits-net:v1", storage=store.root).path("mine.txt").read_bytes() == b"mine"
    assert rn.use_artifact("digits-net:old", storage=store.root).metadata["mlflow_version"] == 1
    assert rn.use_artifact("digits-net:champion", storage=store.root).path("weights.txt").read_text() == "second"


def test_content_is_left_where_it_is_when_asked_for(store: Store, stores: Path) -> None:
    _, outcomes = bring(store, stores / "files", options={"artifacts": False})
    assert rn.open_artifacts(store.root).names() == []
    assert sum(outcome.left_out.get("registered versions", 0) for outcome in outcomes) == 5


@pytest.mark.parametrize("named", ["file:///etc", "/etc", "../../etc", "file:///x/mlruns/../../../etc", "s3://etc"])
def test_no_folder_outside_of_the_store_is_read(tmp_path: Path, named: str) -> None:
    assert Places(tmp_path).folder(named) is None
