"""Artifacts of other tools become versions here: their content where it is still there, their names where it is not."""

from __future__ import annotations

import base64
import gzip
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
import runicorn as rn
from runicorn.contracts import Store
from runicorn.hooks import open_store
from runicorn.managing import Imported, ImportRequest, import_runs
from runicorn_exporters.exports.tensorboard.wire import piece, text, whole
from runicorn_exporters.imports.wandb.log import HEAD

FIXTURES = Path(__file__).parent / "fixtures"
NOTED = "artifacts (their names stand in the run's environment)"


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_store()
    yield store
    store.close()


def bring(store: Store, path: Path, **how: Any) -> Imported:
    (outcome,) = import_runs(store, ImportRequest(path, **how))
    return outcome


def entry(name: str, data: bytes, at: Path) -> bytes:
    digest = base64.b64encode(md5(data, usedforsecurity=False).digest()).decode()
    return piece(4, text(1, name) + text(2, digest) + whole(4, len(data)) + text(6, str(at)))


def wandb_run(folder: Path, entries: bytes, kind: str = "model", name: str = "net") -> Path:
    """A ``.wandb`` file with a run and an artifact, as wandb 0.31 writes them offline."""
    about = text(7, "the best") + text(8, '{"acc": 0.5, "层": 3}') + text(11, "latest") + text(11, "best")
    artifact = text(4, kind) + text(5, name) + about + piece(12, whole(1, 1) + entries)
    records = [piece(17, text(1, "abc") + text(3, "vision")), piece(8, artifact), piece(18, whole(1, 0))]
    path = folder / "offline-run-1-abc" / "run-abc.wandb"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.write(HEAD)
        for record in records:
            file.write(struct.pack("<IHB", zlib.crc32(record, zlib.crc32(b"\x01")), len(record), 1) + record)
    return path


def test_what_wandb_has_staged_becomes_a_version(store: Store, tmp_path: Path) -> None:
    staged = tmp_path / "share" / "wandb" / "artifacts" / "staging"
    staged.mkdir(parents=True)
    (staged / "tmp1").write_bytes(b"weights")
    (staged / "tmp2").write_bytes("猫".encode())
    reference = piece(4, text(1, "data") + text(3, "s3://bucket/data"))
    entries = entry("model.pt", b"weights", staged / "tmp1") + entry("子/猫.txt", "猫".encode(), staged / "tmp2")
    path = wandb_run(tmp_path / "wandb", entries + reference, name="net: 1")
    seen = bring(store, path, preview=True)
    assert (seen.artifacts, seen.left_out, rn.open_artifacts().names()) == (1, {}, [])
    brought = bring(store, path)
    assert (brought.became, brought.artifacts) == ("added", 1)
    (record,) = store.list_runs()
    (link,) = record.artifacts_created
    assert (link["type"], link["version"], link["files"]) == ("model", 1, 2)
    version = rn.use_artifact(f"model/{link['name']}:best", storage=store.root)
    assert version.metadata == {"acc": 0.5, "层": 3}
    assert (version.download(tmp_path / "out") / "子" / "猫.txt").read_text(encoding="utf-8") == "猫"
    assert [str(reference.uri) for reference in version.references] == ["s3://bucket/data"]
    again = bring(store, path, conflict="overwrite")
    assert (again.became, again.artifacts) == ("replaced", 1)
    assert [record.artifacts_created[0]["version"] for record in store.list_runs()] == [1]  # the same content
    assert bring(store, path, conflict="overwrite", options={"artifacts": False}).left_out == {NOTED: 1}


@pytest.mark.parametrize("what", ["changed", "gone", "elsewhere", "a link to elsewhere"])
def test_no_other_file_of_the_machine_is_taken_for_one_of_an_artifact(store: Store, tmp_path: Path, what: str) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"password")
    staged = tmp_path / "artifacts" / "staging" / "tmp1"
    staged.parent.mkdir(parents=True)
    if what == "changed":
        staged.write_bytes(b"passw0rd")
    if what == "a link to elsewhere":
        staged.symlink_to(secret)
    path = wandb_run(tmp_path / "wandb", entry("x", b"password", secret if what == "elsewhere" else staged))
    assert bring(store, path).left_out == {NOTED: 1}
    (record,) = store.list_runs()
    assert record.artifacts_created == ()
    assert store.open_run(record.ref).read("environment")["wandb"] == {"artifacts_created": ["model/net"]}


def test_files_and_models_of_mlflow_become_versions(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "mlruns"
    shutil.copytree(FIXTURES / "mlflow" / "files" / "mlruns", path)
    (run,) = path.glob("*/796ebc89*")
    for place in (run / "artifacts" / "net", run.parent / "models" / "m-1" / "artifacts"):
        place.mkdir(parents=True)
        (place / "MLmodel").write_text("flavors:", encoding="utf-8")
        (place / "weights.bin").write_bytes(place.parent.name.encode())
    meta = f"name: logged\nsource_run_id: {run.name}\nlifecycle_stage: active\n"
    (run.parent / "models" / "m-1" / "meta.yaml").write_text(meta, encoding="utf-8")
    outcomes = list(import_runs(store, ImportRequest(path)))
    assert sum(outcome.artifacts for outcome in outcomes) == 3
    assert [outcome.left_out for outcome in outcomes if outcome.left_out] == []
    (created,) = [record.artifacts_created for record in store.list_runs() if record.artifacts_created]
    found = {f"{link['type']}/{link['name']}": link["files"] for link in created}
    project = store.list_runs()[0].ref.project
    assert found == {f"model/{project}-net": 2, f"model/{project}-logged": 2, f"files/{project}-files": 1}


def test_a_database_reads_no_folder_that_does_not_lie_with_it(store: Store, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "secret.txt").write_text("secret", encoding="utf-8")
    path = tmp_path / "in" / "mlflow.db"
    path.parent.mkdir()
    path.write_bytes(gzip.decompress((FIXTURES / "mlflow" / "sqlite" / "mlflow.db.gz").read_bytes()))
    with sqlite3.connect(path) as db:
        db.execute("UPDATE runs SET artifact_uri = ?", [f"file://{elsewhere}"])
    db.close()
    outcomes = list(import_runs(store, ImportRequest(path)))
    assert sum(outcome.artifacts + outcome.media for outcome in outcomes) == 0
    assert {outcome.became for outcome in outcomes} == {"added"}


def test_without_a_plugin_that_keeps_them_they_are_counted(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "runicorn", "import", str(FIXTURES / "mlflow" / "files"), "--dry-run"]
    without = {**os.environ, "RUNICORN_PLUGINS_DISABLE": "artifacts"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=without)
    assert "left out: artifacts (no active plugin keeps such) (1)" in done.stdout
