"""Roots written by runicorn 0.5.3 and 0.7.2 (``fixtures/make_runicorn.py``), and today's."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import runicorn as rn
from runicorn.contracts import Importer, Store
from runicorn.hooks import open_store
from runicorn.managing import ImportRequest, import_runs
from runicorn.testing import ImporterContract
from runicorn_exporters.imports.roots.importer import RootImporter

WRITTEN = Path(__file__).parent / "fixtures"


class TestRunicorn05(ImporterContract):
    @pytest.fixture
    def importer(self) -> Importer:
        return RootImporter()

    @pytest.fixture
    def source(self, tmp_path: Path) -> Path:
        return shutil.copytree(WRITTEN / "runicorn-0.5", tmp_path / "older")


class TestRunicorn07(ImporterContract):
    @pytest.fixture
    def importer(self) -> Importer:
        return RootImporter()

    @pytest.fixture
    def source(self, tmp_path: Path) -> Path:
        return shutil.copytree(WRITTEN / "runicorn-0.7", tmp_path / "older")


class TestToday(ImporterContract):
    @pytest.fixture
    def importer(self) -> Importer:
        return RootImporter()

    @pytest.fixture
    def source(self, tmp_path: Path) -> Path:
        with rn.init(path="a/b", storage=tmp_path / "other", params={"lr": 1}, capture_env=False) as run:
            run.log({"loss": 1.0})
        return tmp_path / "other"


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_store()
    yield store
    store.close()


@pytest.mark.parametrize(("version", "place"), [("0.5", "视觉/yolo v8"), ("0.7", "cv/yolo")])
def test_everything_of_an_older_run_is_there(store: Store, version: str, place: str) -> None:
    outcomes = list(import_runs(store, ImportRequest(WRITTEN / f"runicorn-{version}")))
    assert [outcome.left_out for outcome in outcomes] == [{}, {}]
    assert {outcome.run.rpartition("/runs/")[0] for outcome in outcomes} == {place}
    records = sorted(store.list_runs(), key=lambda record: record.created_at)
    assert [record.format for record in records] == ["runicorn", "runicorn"]
    assert sorted(record.status for record in records) == ["failed", "finished"]
    for record in records:
        reader = store.open_run(record.ref)
        logged = list(reader.records())
        assert [(r.step, r.data["loss"], r.data["val/acc"]) for r in logged[:10]] == [
            (step, 1 / step, step / 10) for step in range(1, 11)
        ]
        loss = logged[10].data["loss"]
        assert isinstance(loss, float)
        assert math.isnan(loss)
        assert logged[10].stage == "eval"
        assert reader.texts()["word"] == "text"
        assert record.summary == {"verdict": "good"}
        (medium,) = reader.media()
        assert (medium.key, medium.kind, medium.step, medium.fields["caption"]) == ("sample", "image", 3, "red")
        assert (reader.folder / medium.path).read_bytes().startswith(b"\x89PNG")
        assert "a line" in [line.text for line in reader.logs().lines]
        assert not (reader.folder / "events.jsonl").read_bytes().count(b"global_step")


def test_a_run_of_today_comes_byte_for_byte(store: Store, tmp_path: Path) -> None:
    with rn.init(path="猫/it's", storage=tmp_path / "other", tags=["a"], capture_env=False) as run:
        run.log({"loss": 1.0})
    (outcome,) = import_runs(store, ImportRequest(tmp_path / "other"))
    copy = store.root / outcome.run
    files = sorted(path.relative_to(run.dir) for path in run.dir.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(copy) for path in copy.rglob("*") if path.is_file())
    assert all((run.dir / file).read_bytes() == (copy / file).read_bytes() for file in files)


def test_what_is_in_the_recycle_bin_comes_only_when_asked_for(store: Store, tmp_path: Path) -> None:
    with rn.init(project="p", storage=tmp_path / "other", capture_env=False) as run:
        run.log({"loss": 1.0})
    other = open_store(tmp_path / "other")
    other.soft_delete(other.list_runs()[0].ref)
    other.close()
    assert list(import_runs(store, ImportRequest(tmp_path / "other"))) == []
    assert len(list(import_runs(store, ImportRequest(tmp_path / "other", options={"deleted": "true"})))) == 1
