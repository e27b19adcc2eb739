"""Folders of Runicorn 0.5 and 0.7: no run and no point is lost, and no byte is changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from runicorn.contracts import RunReader, Store
from runicorn.model.run import ExperimentRecord
from runicorn_storage_jsonl.backend import JsonlBackend


@pytest.fixture
def old(root_05: Path) -> Iterator[Store]:
    store = JsonlBackend().open_store(root_05, {})
    yield store
    store.close()


@pytest.fixture
def newer(root_07: Path) -> Iterator[Store]:
    store = JsonlBackend().open_store(root_07, {})
    yield store
    store.close()


def _record(store: Store, run_id: str) -> ExperimentRecord:
    (record,) = store.find_runs(run_id)
    return record


def _reader(store: Store, run_id: str) -> RunReader:
    return store.open_run(_record(store, run_id).ref)


def test_every_run_is_found_and_nothing_else(old: Store, newer: Store) -> None:
    found = {record.ref.id: (record.ref.project, record.ref.name) for record in old.list_runs()}
    names = ("rich", "empty", "no-events", "odd-status", "torn", "no-meta")
    assert found == {**dict.fromkeys(names, ("demo", "基线 a")), "legacy": ("old project", "old name")}
    assert [record.ref.id for record in old.list_runs(deleted=True)] == ["deleted"]
    found = {record.ref.id: (record.ref.project, record.ref.name) for record in newer.list_runs()}
    assert found == {"rich": ("cv", "yolo/ablation"), "one": ("nlp", "default"), "bare": ("default", "default")}


def test_records_say_who_wrote_them(old: Store, newer: Store) -> None:
    assert {record.format for record in old.list_runs(deleted=None)} == {"runicorn-0.5"}
    assert {record.format for record in newer.list_runs(deleted=None)} == {"runicorn-0.7"}


@pytest.mark.parametrize(
    ("run_id", "status"),
    [
        ("rich", "finished"),
        ("empty", "crashed"),
        ("no-events", "finished"),
        ("odd-status", "failed"),
        ("torn", "crashed"),
        ("no-meta", "crashed"),
        ("legacy", "crashed"),
        ("deleted", "finished"),
    ],
)
def test_statuses_are_told_in_todays_words(old: Store, run_id: str, status: str) -> None:
    assert _record(old, run_id).status == status


def test_what_people_wrote_is_kept(old: Store, newer: Store) -> None:
    record = _record(old, "rich")
    assert (record.tags, record.note, record.pinned, record.archived) == (("a", "b"), "told", True, True)
    assert _reader(old, "rich").read("user")["tags"] == ["a", "b"]
    record = _record(newer, "rich")
    assert (record.display_name, record.tags) == ("first try", ("t",))
    old.update_user(_record(old, "rich").ref, lambda user: {**user, "note": "changed"})
    record = _record(old, "rich")
    assert (record.tags, record.note, record.pinned) == (("a", "b"), "changed", True)


def test_the_best_value_is_no_user_key(old: Store) -> None:
    record = _record(old, "rich")
    assert record.summary == {"final": {"acc": [1, 2]}}
    assert record.best is not None
    assert (record.best.metric, record.best.value, record.best.step, record.best.mode) == ("loss", 0.125, 2, "min")
    assert "best_metric_value" not in _reader(old, "rich").read("summary")
    assert _record(old, "torn").summary == {}


def test_documents_have_todays_keys(old: Store, newer: Store) -> None:
    reader = _reader(old, "rich")
    assert [artifact["name"] for artifact in _record(old, "rich").artifacts_created] == ["m"]
    assert [artifact["name"] for artifact in _record(old, "rich").artifacts_used] == ["d"]
    assert list(reader.read("environment")) == ["environment"]
    assert _reader(old, "odd-status").read("status")["exit"] == {"kind": "process_not_found"}
    reader = _reader(newer, "rich")
    assert reader.read("params") == {"lr": 0.1, "net": {"w": 64}}
    assert (reader.read("meta")["project"], reader.read("meta")["name"]) == ("cv", "yolo/ablation")


@pytest.mark.parametrize("which", ["old", "newer"])
def test_no_point_is_lost(which: str, request: pytest.FixtureRequest) -> None:
    store: Store = request.getfixturevalue(which)
    reader = _reader(store, "rich")
    (table,) = store.read_metrics([reader.record.ref], ["loss", "word"])
    assert list(table.ts) == [10.0, 11.0, 11.0, 12.0, 20.0, 21.0]
    assert list(table.step) == [1, 2, 2, 3, 1, 2]
    assert list(table.stage) == ["train", "train", None, None, None, None]
    assert str(list(table.columns["loss"].values)) == "[1.0, 0.5, 0.25, nan, 2.0, 0.125]"
    assert table.other == {"word": {0: "hi", 4: "again"}}
    keys = [series.key for series in reader.series()]
    assert keys == ["down", "flag", "loss", "up", "val/acc top 1", "学习率"]
    assert reader.texts() == {"nested": {"a": [1, {"b": None}]}, "none": None, "word": "again"}
    assert [record.step for record in reader.records()] == [1, 2, 2, 3, 1, 2]
    assert [sample.step for sample in reader.tail().read() if sample.key == "loss"] == [1, 2, 2, 3, 1, 2]


def test_torn_lines_are_counted(old: Store) -> None:
    reader = JsonlBackend().open_store(old.root, {}).open_run(_record(old, "rich").ref)
    assert reader.skipped_lines == 3


def test_images_are_media(old: Store) -> None:
    first, second = _reader(old, "rich").media()
    assert (first.step, first.path, first.fields) == (None, "media/1700000000001_abc124_img.png", {"caption": "c"})
    assert (second.kind, second.key, second.step, second.ts) == ("image", "img", 3, 12.5)


def test_logs_are_read_as_they_are(old: Store) -> None:
    lines = _reader(old, "rich").logs().lines
    assert [line.text for line in lines] == [
        "first 第一",
        "",
        "continued",
        "\x1b[31mred\x1b[0m 10%|#  |\r 20%|## |",
        "last",
    ]
    assert {(line.time, line.stream) for line in lines} == {(None, "text")}


def test_an_older_run_can_be_resumed_and_what_it_had_stays(old: Store) -> None:
    ref = _record(old, "rich").ref
    session = old.attach_run(ref)
    assert session.last_step() == 3
    assert session.read("user")["tags"] == ["a", "b"]
    before = (session.folder / "events.jsonl").read_bytes()
    session.open_writer("events").append(b'{"ts":30.0,"type":"metrics","step":4,"data":{"loss":0.1}}\n')
    assert (session.folder / "events.jsonl").read_bytes() == before
    assert [series.n for series in old.open_run(ref).series() if series.key == "loss"] == [7]


@pytest.mark.parametrize("fixture", ["root_05", "root_07"])
def test_reading_older_folders_changes_no_byte(fixture: str, request: pytest.FixtureRequest) -> None:
    root: Path = request.getfixturevalue(fixture)
    before = _fingerprint(root)
    store = JsonlBackend().open_store(root, {})
    for record in store.list_runs(deleted=None):
        reader = store.open_run(record.ref)
        store.read_metrics([record.ref])
        store.read_buckets([record.ref])
        for look in (reader.series, reader.texts, reader.logs, reader.media, reader.alerts, reader.tail().read):
            look()
        list(reader.records())
        for document in ("meta", "params", "user", "status", "summary", "environment", "artifacts"):
            reader.read(document)
    assert _fingerprint(root) == before


def _fingerprint(root: Path) -> dict[str, tuple[int, str]]:
    return {
        str(path): (path.lstat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
        for path in root.rglob("*")
    }
