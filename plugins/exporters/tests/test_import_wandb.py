"""Offline runs written by wandb 0.31.0 (``fixtures/make_wandb.py``), read without it."""

from __future__ import annotations

import io
import math
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from runicorn.contracts import Importer, RunReader, Store
from runicorn.hooks import open_store
from runicorn.managing import Imported, ImportRequest, IncomingRun, import_runs
from runicorn.testing import ImporterContract
from runicorn_exporters.imports.console_lines import ConsoleLines
from runicorn_exporters.imports.damage import CutOff, Damaged
from runicorn_exporters.imports.tables import parquet
from runicorn_exporters.imports.wandb.importer import WandbImporter
from runicorn_exporters.imports.wandb.log import records
from runicorn_exporters.imports.wandb.records import Records

WRITTEN = Path(__file__).parent / "fixtures" / "wandb"


class TestWandb(ImporterContract):
    @pytest.fixture
    def importer(self) -> Importer:
        return WandbImporter()

    @pytest.fixture
    def source(self, tmp_path: Path) -> Path:
        return shutil.copytree(WRITTEN, tmp_path / "wandb")


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_store()
    yield store
    store.close()


def bring(store: Store, path: Path) -> dict[str, tuple[Imported, RunReader]]:
    # The content of artifacts is still there on the machine where the fixtures were made, and on no other one.
    request = ImportRequest(path, options={"artifacts": False})
    outcomes = {outcome.run.rpartition("/")[2]: outcome for outcome in import_runs(store, request)}
    readers = {record.ref.id: store.open_run(record.ref) for record in store.list_runs()}
    return {run: (outcome, readers[run]) for run, outcome in outcomes.items()}


def points(reader: RunReader, key: str) -> list[tuple[int, Any]]:
    return [(record.step, record.data[key]) for record in reader.records() if key in record.data]


def test_everything_that_was_logged_is_there_or_counted(store: Store) -> None:
    outcome, reader = bring(store, WRITTEN)["full0001"]
    record = reader.record
    assert (record.ref.project, record.title, record.note) == ("vision", "ResNet 猫", "a note")
    assert (record.tags, record.group, record.job_type) == (("first", "基线"), "seeds", "train")
    assert record.status == "finished"
    assert record.ended_at is not None
    assert record.ended_at > record.created_at > 1.79e9
    assert reader.read("params") == {"lr": 0.1, "model": {"depth": 3}, "layers": [64, 10], "late": True}

    assert points(reader, "loss") == [(step, 1 / (step + 1)) for step in range(20)]
    assert points(reader, "nested.a") == [(step, step) for step in range(20)]
    assert points(reader, "val/loss") == [(step, 2 / (step + 1)) for step in (0, 5, 10, 15)]
    ((_, nan),) = points(reader, "nan")
    assert math.isnan(nan)
    assert points(reader, "inf") == [(20, math.inf)]
    assert reader.texts()["word"] == "hello"
    assert reader.read("summary") == {"verdict": "good"}

    media = [(medium.key, medium.kind, medium.step, medium.fields.get("caption")) for medium in reader.media()]
    assert media == [
        ("page", "html", 25, None),
        ("pair", "image", 22, None),
        ("pair", "image", 22, None),
        ("sample", "image", 21, "灰"),
        ("spread", "histogram", 23, None),
        ("table", "table", 24, None),
    ]
    table = reader.media()[-1]
    assert (table.fields["rows"], table.fields["columns"]) == (
        2,
        [{"name": "a", "type": "int64"}, {"name": "b", "type": "string"}],
    )
    assert pq.read_table(reader.folder / table.path).to_pydict() == {"a": [1, 2], "b": ["x", "y"]}
    spread = next(medium for medium in reader.media() if medium.kind == "histogram")
    assert spread.fields["n"] == 100
    assert "printed by the training" in [line.text for line in reader.logs().lines]
    (alert,) = reader.alerts()
    assert (alert["title"], alert["text"], alert["level"]) == ("Low accuracy", "below 0.5", "warning")
    noted = reader.read("environment")["wandb"]
    assert isinstance(noted, dict)
    assert noted["artifacts_created"] == ["dataset/digits"]
    assert outcome.left_out == {
        "artifacts (their names stand in the run's environment)": 1,
        "definitions of metrics": 1,
    }
    meta = reader.read("meta")
    assert meta["command"] == ["make_wandb.py"] or "make_wandb.py" in str(meta["command"])
    assert str(meta["python"]).startswith("CPython 3")


def test_a_run_that_was_resumed_is_one_run(store: Store) -> None:
    _, reader = bring(store, WRITTEN)["again001"]
    assert points(reader, "loss") == [(0, 1.0), (1, 0.0)]
    assert reader.record.status == "finished"  # as its last part ended


def test_a_run_that_was_killed_has_what_was_in_its_file(store: Store) -> None:
    outcome, reader = bring(store, WRITTEN)["killed01"]
    found = points(reader, "loss")
    assert found == [(step, float(step)) for step in range(len(found))]
    assert len(found) > 100
    assert reader.record.status == "interrupted"
    assert set(outcome.left_out) <= {"records that are cut off at the end of their file"}


def test_one_file_alone_can_be_imported(store: Store) -> None:
    (file,) = WRITTEN.rglob("run-full0001.wandb")
    ((outcome, _),) = bring(store, file).values()
    assert outcome.became == "added"


def test_pictures_that_are_gone_are_counted(store: Store, tmp_path: Path) -> None:
    shutil.copytree(WRITTEN, tmp_path / "w")
    for picture in (tmp_path / "w").rglob("*.png"):
        picture.unlink()
    outcome, _ = bring(store, tmp_path / "w")["full0001"]
    assert outcome.left_out["media files that are not there any more"] == 3


@given(st.data())
def test_no_damage_of_a_file_goes_unnoticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    (file,) = WRITTEN.rglob("run-killed01.wandb")
    whole = file.read_bytes()
    sound = read(file)
    path = tmp_path_factory.mktemp("damaged") / file.name
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(changed)
    found = read(path)
    assert found[0] == sound[0][: len(found[0])]
    assert found[1] or found == sound  # only between two blocks there are bytes that mean nothing
    path.write_bytes(whole[:place])
    cut = read(path)
    assert cut[0] == sound[0][: len(cut[0])]


def read(path: Path) -> tuple[list[bytes], bool]:
    found = []
    try:
        for record in records(path):
            found.append(record)
    except (Damaged, CutOff):
        return found, True
    return found, False


@given(st.binary(max_size=80))
def test_bytes_that_are_no_record_raise_nothing_but_a_value_error(data: bytes) -> None:
    with suppress(ValueError):
        Records(IncomingRun(None)).take(data)


def test_a_column_of_several_kinds_becomes_text() -> None:
    data, fields = parquet(["x", "x", "m"], [[1, 1.5, {"_type": "image-file"}], ["one", None, 2**70]])
    assert pq.read_table(io.BytesIO(data)).to_pydict() == {
        "x": ["1", "one"],
        "x (2)": [1.5, None],
        "m": ['{"_type":"image-file"}', str(2**70)],
    }
    assert fields["rows"] == 2
    with pytest.raises(ValueError, match=r"columns|zip"):
        parquet(["x"], [[1, 2]])
    assert parquet(["x"], [])[1]["rows"] == 0


def test_of_a_progress_bar_the_last_state_stays() -> None:
    lines: list[tuple[str, str]] = []
    console = ConsoleLines(lambda text, *, ts, stream: lines.append((stream, text)))
    console.take("stderr", "10 %\r20 %", 1.0)
    console.take("stdout", "\x1b[31mred\x1b[0m\r\nnext", 1.0)
    console.take("stderr", "\r30 %\n", 2.0)
    console.finish()
    assert lines == [("stdout", "red"), ("stderr", "30 %"), ("stdout", "next")]
