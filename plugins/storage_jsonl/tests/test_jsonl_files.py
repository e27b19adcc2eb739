"""What stands on disk, and what is not done needlessly."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from runicorn.contracts import Store
from runicorn.errors import UnsafePath
from runicorn.model.run import RunMeta, RunRef
from runicorn_storage_jsonl.backend import JsonlBackend


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return JsonlBackend().open_store(tmp_path, {})


def _line(step: int, **data: object) -> bytes:
    return json.dumps({"ts": float(step), "type": "metrics", "step": step, "data": data}).encode() + b"\n"


def test_the_folder_of_a_run_is_the_one_that_is_documented(store: Store, tmp_path: Path) -> None:
    session = store.create_run(RunMeta("id", "cv", "yolo/ablation", 1.0, command=("train.py",)))
    assert session.folder == tmp_path / "cv/yolo/ablation/runs/id"
    for stream in ("events", "logs", "system"):
        session.open_writer(stream)
    session.open_writer("events")
    names = sorted(path.name for path in session.folder.iterdir())
    (second,) = (name for name in names if name.startswith("events-"))
    assert names == sorted(["events.jsonl", second, "logs.txt", "meta.json", "system.jsonl"])
    assert len(second) == len("events-12345678.jsonl")
    meta = json.loads((session.folder / "meta.json").read_bytes())
    assert (meta["runicorn_format"], meta["command"]) == (1, ["train.py"])
    assert str(tmp_path) not in (session.folder / "meta.json").read_text()


def test_the_writing_path_is_light(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
import runicorn_storage_jsonl.plugin as plugin
assert "runicorn_storage_jsonl.backend" not in sys.modules
from runicorn.model.run import RunMeta
(backend,) = plugin.register_storage_backends()
session = backend.open_store(Path(sys.argv[1]), {}).create_run(RunMeta("r", "p", "n", 1.0))
session.open_writer("events").append(b"{}\\n")
session.write("params", {})
heavy = {"numpy", "hashlib", "runicorn_storage_jsonl.reader", "runicorn_storage_jsonl.columns"}
print(sorted(heavy & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_charts_without_numpy_say_what_to_install(tmp_path: Path) -> None:
    code = """
import sys
sys.modules["numpy"] = None
from pathlib import Path
from runicorn.errors import MissingDependency
from runicorn_storage_jsonl.backend import JsonlBackend
store = JsonlBackend().open_store(Path(sys.argv[1]), {})
assert list(store.read_metrics([])) == []
try:
    store.read_buckets([])
except MissingDependency as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "pip install numpy" in result.stdout


def test_links_are_not_followed_out_of_the_root(store: Store, tmp_path: Path) -> None:
    outside = JsonlBackend().open_store(tmp_path / "outside", {}).create_run(RunMeta("id", "p", "n", 1.0))
    root = tmp_path / "inside"
    root.mkdir()
    (root / "p").symlink_to(tmp_path / "outside" / "p", target_is_directory=True)
    inside = JsonlBackend().open_store(root, {})
    assert list(inside.list_runs()) == []
    with pytest.raises(UnsafePath):
        inside.open_run(RunRef("id", "p", "n", outside.ref.folder))


def test_a_copy_of_a_run_beside_it_is_a_run_of_its_own(store: Store) -> None:
    session = store.create_run(RunMeta("id", "p", "n", 1.0))
    copy = session.folder.with_name("id-copy")
    copy.mkdir()
    (copy / "meta.json").write_bytes((session.folder / "meta.json").read_bytes())
    assert sorted(record.ref.folder for record in store.find_runs("id")) == ["p/n/runs/id", "p/n/runs/id-copy"]


def test_a_run_that_is_being_made_is_no_run_yet(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "p/n/runs/id"
    folder.mkdir(parents=True)
    (folder / ".meta.1234.tmp").touch()
    assert list(store.list_runs()) == []
    time.sleep(0.01)
    (folder / "meta.json").write_text('{"runicorn_format":1,"id":"id","created_at":1.0}')
    assert [record.ref.id for record in store.list_runs()] == ["id"]


def test_very_long_lines_and_many_pieces_are_read_whole(store: Store) -> None:
    session = store.create_run(RunMeta("id", "p", "n", 1.0))
    writer = session.open_writer("events")
    long = "x" * 3_000_000
    for step in range(1, 20_001):
        writer.append(_line(step, a=step, **({"b": step} if step % 7 == 0 else {})))
    writer.append(_line(20_001, text=long))
    writer.append(_line(20_002, a=0))
    (table,) = store.read_metrics([session.ref], ["a", "b", "text"])
    assert list(table.columns["a"].values) == [*map(float, range(1, 20_001)), 0.0]
    rows = table.columns["b"].rows
    assert rows is not None
    assert list(rows) == list(range(6, 20_000, 7))
    assert table.other == {"text": {20_000: long}}


def test_bare_nan_in_the_middle_costs_no_neighbour(store: Store) -> None:
    session = store.create_run(RunMeta("id", "p", "n", 1.0))
    lines = [_line(step, a=step) for step in range(1, 1001)]
    lines[499] = _line(500, a=float("nan"))
    lines[500] = b'{"ts":1.0}\n'
    lines[501] = b"null\n"
    (session.folder / "events.jsonl").write_bytes(b"".join(lines))
    (series,) = store.open_run(session.ref).series()
    assert (series.n, series.n_nan, series.max) == (998, 1, 1000.0)


def test_runs_that_memory_has_no_room_for_are_read_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runicorn_storage_jsonl.states.KEPT", 20_000)
    refs = []
    for number in range(5):
        session = store.create_run(RunMeta(f"r{number}", "p", "n", 1.0))
        writer = session.open_writer("events")
        for step in range(500):
            writer.append(_line(step, a=step))
        refs.append(session.ref)
    for _ in range(3):
        assert [len(table.step) for table in store.read_metrics(refs)] == [500] * 5
