"""Whoever reads on from a kept position notices that a run was sealed or brought back, and counts nothing twice."""

from __future__ import annotations

import json
from pathlib import Path

from runicorn.contracts import IncrementalReader
from runicorn.hooks import storage_backends
from runicorn.model.run import RunMeta, RunRef
from runicorn_storage_duckdb.segments.seal import compact_run, seal_run, unseal_run


class _Following:
    def __init__(self, root: Path, ref: RunRef) -> None:
        self.root, self.ref, self.position, self.values, self.wholes = root, ref, "null", list[float](), 0

    def look(self) -> list[float]:
        reader = storage_backends()["jsonl"].open_store(self.root, {}).open_run(self.ref)
        assert isinstance(reader, IncrementalReader)
        increment = reader.increment(json.loads(self.position))
        if self.position != "null" and not increment.changed:
            return self.values
        if increment.whole:
            self.values, self.wholes = [], self.wholes + 1
        for block in increment.blocks():
            if "a" in block.columns:
                self.values += block.columns["a"].values
        self.position = json.dumps(increment.position())
        return self.values


def _lines(first: int, last: int) -> bytes:
    return b"".join(b'{"ts":%d.5,"type":"metrics","step":%d,"data":{"a":%d}}\n' % (n, n, n) for n in range(first, last))


def test_a_kept_position_survives_sealing_and_its_undoing(tmp_path: Path) -> None:
    session = storage_backends()["jsonl"].open_store(tmp_path, {}).create_run(RunMeta("r", "p", "n", 1.0))
    session.write("status", {"status": "finished", "ended_at": 2.0})
    (session.folder / "events.jsonl").write_bytes(_lines(0, 10))
    following = _Following(tmp_path, session.ref)
    assert following.look() == list(range(10))
    looked = following.wholes
    seal_run(session.folder, lambda: None)
    assert following.look() == list(range(10))
    assert following.wholes == looked, "what was read from the file was not read again from its segments"
    (session.folder / "events-01234567.jsonl").write_bytes(_lines(10, 20))
    assert following.look() == list(range(20))
    assert following.wholes == looked, "what is sealed was not read again for the new file"
    seal_run(session.folder, lambda: None)
    assert following.look() == list(range(20))
    assert following.wholes == looked
    compact_run(session.folder)
    assert following.look() == list(range(20))
    unseal_run(session.folder)
    assert following.look() == list(range(20))
    following.position = '["not a position"]'
    assert following.look() == list(range(20))


def test_a_file_that_was_replaced_or_grew_before_it_was_sealed_is_read_again(tmp_path: Path) -> None:
    session = storage_backends()["jsonl"].open_store(tmp_path, {}).create_run(RunMeta("r", "p", "n", 1.0))
    session.write("status", {"status": "finished", "ended_at": 2.0})
    events = session.folder / "events.jsonl"
    events.write_bytes(_lines(10, 20))
    following = _Following(tmp_path, session.ref)
    assert following.look() == list(range(10, 20))
    events.unlink()
    events.write_bytes(_lines(20, 30))  # as many bytes, other lines
    seal_run(session.folder, lambda: None)
    assert following.look() == list(range(20, 30))
    unseal_run(session.folder)
    assert following.look() == list(range(20, 30))
    with events.open("ab") as file:
        file.write(_lines(30, 40) + b'{"ts":1.0,"type":"metr')
    seal_run(session.folder, lambda: None)
    assert following.look() == list(range(20, 40))
