"""An index reads on where it stopped, also in another process, and notices what no longer holds."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runicorn.contracts import IncrementalReader, RunSession
from runicorn.model.run import RunMeta
from runicorn.types import JSON
from runicorn_storage_jsonl.backend import JsonlBackend
from runicorn_storage_jsonl.store import JsonlStore


@pytest.fixture
def store(tmp_path: Path) -> JsonlStore:
    return JsonlBackend().open_store(tmp_path, {})


@pytest.fixture
def run(store: JsonlStore) -> RunSession:
    return store.create_run(RunMeta("r", "p", "n", time.time()))


class Following:
    """Whoever keeps a position as text, and the values of ``a`` that it was told."""

    def __init__(self, root: Path, run: RunSession) -> None:
        self.root, self.run, self.position, self.values, self.wholes = root, run, "null", list[float](), 0

    def look(self) -> list[float]:
        reader = JsonlBackend().open_store(self.root, {}).open_run(self.run.ref)
        assert isinstance(reader, IncrementalReader)
        kept: JSON = json.loads(self.position)
        increment = reader.increment(kept)
        if kept is not None and not increment.changed:
            assert list(increment.blocks()) == []
            return self.values
        if increment.whole:
            self.values, self.wholes = [], self.wholes + 1
        for block in increment.blocks():
            if "a" in block.columns:
                self.values += list(block.columns["a"].values)
        self.position = json.dumps(increment.position())
        return self.values


@pytest.fixture
def following(tmp_path: Path, run: RunSession) -> Following:
    return Following(tmp_path, run)


def line(value: float) -> bytes:
    return b'{"ts":%f,"type":"metrics","step":%d,"data":{"a":%f}}\n' % (value, value, value)


def test_only_what_came_is_told(run: RunSession, following: Following) -> None:
    assert following.look() == []
    writer = run.open_writer("events")
    writer.append(line(1))
    assert following.look() == [1.0]
    writer.append(line(2)[:-7])
    assert following.look() == [1.0]
    writer.append(line(2)[-7:])
    run.reopen().open_writer("events").append(line(3))
    assert following.look() == [1.0, 2.0, 3.0]
    assert following.look() == [1.0, 2.0, 3.0]
    assert following.wholes == 1


@pytest.mark.parametrize("change", ["cut", "replaced", "rewritten", "removed"])
def test_a_file_that_no_longer_holds_what_was_told_is_told_again(
    run: RunSession, following: Following, change: str
) -> None:
    writer = run.open_writer("events")
    for value in range(1, 4):
        writer.append(line(value))
    assert following.look() == [1.0, 2.0, 3.0]
    (path,) = run.folder.glob("events*.jsonl")
    if change == "cut":
        path.write_bytes(line(1))
    elif change == "replaced":
        path.with_suffix(".new").write_bytes(line(1))
        path.with_suffix(".new").replace(path)
    elif change == "rewritten":
        path.write_bytes(b"\n".join([line(7)] * 9))
    else:
        path.unlink()
    assert following.look() == {"cut": [1.0], "replaced": [1.0], "rewritten": [7.0] * 9, "removed": []}[change]
    assert following.wholes == 2


def test_half_a_line_is_taken_when_the_run_has_ended_and_again_when_it_grew_after_all(
    run: RunSession, following: Following
) -> None:
    writer = run.open_writer("events")
    writer.append(line(1))
    writer.append(line(2)[:-1])
    assert following.look() == [1.0]
    run.write("status", {"status": "failed", "started_at": 1.0, "ended_at": 2.0})
    assert following.look() == [1.0, 2.0]
    assert following.look() == [1.0, 2.0]
    writer.append(b"\n" + line(3))
    assert following.look() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("position", [17, "x", [[1]], [["events.jsonl", [1, 2], 0, 0, 0, 0]], {"a": 1}])
def test_a_position_that_is_none_means_everything(run: RunSession, following: Following, position: JSON) -> None:
    run.open_writer("events").append(line(1))
    following.position = json.dumps(position)
    assert following.look() == [1.0]


@given(cuts=st.lists(st.integers(0, 2000), max_size=8))
@settings(max_examples=25, deadline=None)
def test_wherever_looks_fall_every_record_is_told_once(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    root = tmp_path_factory.mktemp("root")
    run = JsonlBackend().open_store(root, {}).create_run(RunMeta("r", "p", "n", time.time()))
    following, writer = Following(root, run), run.open_writer("events")
    content, sent = b"".join(line(value) for value in range(40)), 0
    for cut in sorted(cuts):
        writer.append(content[sent:cut])
        sent = max(sent, min(cut, len(content)))
        following.look()
    writer.append(content[sent:])
    assert following.look() == [float(value) for value in range(40)]
    assert following.wholes == 1
