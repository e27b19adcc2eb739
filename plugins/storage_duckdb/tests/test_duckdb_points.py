"""A long run's numbers come from the index as they come from the files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from runicorn.contracts.storage import PieceReader
from runicorn.errors import StorageError
from runicorn.model.metric import RecordTable
from runicorn.model.run import RunMeta, RunRef
from runicorn.serialize import dumps
from runicorn_storage_duckdb import hybrid_store
from runicorn_storage_duckdb.hybrid_backend import HybridStorageBackend
from runicorn_storage_duckdb.hybrid_store import HybridStore
from runicorn_storage_duckdb.index import points

_NUMBERS = st.one_of(st.integers(0, 9), st.just("NaN"), st.just("word"))
_DATA = st.dictionaries(st.sampled_from(["a", "b", "c"]), _NUMBERS, max_size=3)
_RECORDS = st.lists(st.tuples(st.integers(0, 30), st.sampled_from([None, "train", "验证"]), _DATA), max_size=25)
Files = list[list[tuple[int, str | None, dict[str, Any]]]]


def _make(root: Path, files: Files) -> tuple[HybridStore, RunRef]:
    store = HybridStorageBackend().open_store(root, {})
    assert isinstance(store, HybridStore)
    session = store.create_run(RunMeta("id", "p", "n", 1.0))
    session.write("status", {"status": "finished"})
    for number, records in enumerate(files):
        lines = []
        for ts, stage, data in records:
            line: dict[str, Any] = {"ts": float(ts), "type": "metrics", "step": ts % 7, "data": data}
            lines.append(dumps(line if stage is None else {**line, "stage": stage}) + b"\n")
        name = f"events-{number:08x}.jsonl" if number else "events.jsonl"
        (root / session.ref.folder / name).write_bytes(b"".join(lines))
    return store, session.ref


def _rows(tables: Sequence[RecordTable]) -> list[str]:
    """The records that have a number, in their order."""
    rows = []
    for table in tables:
        stages = list(table.stage) or [None] * len(table.step)
        found: list[dict[str, float]] = [{} for _ in stages]
        for key, column in sorted(table.columns.items()):
            where: Sequence[int] = range(len(column.values)) if column.rows is None else list(column.rows)
            for row, value in zip(where, column.values, strict=True):
                found[row][key] = float(value)
        about: Any = zip(table.step, table.ts, stages, found, strict=True)
        rows += [str((int(step), float(ts), stage, data)) for step, ts, stage, data in about if data]
    return rows


@settings(max_examples=12, phases=[Phase.generate])
@given(st.lists(_RECORDS, min_size=1, max_size=3), st.sampled_from([None, ["a"], ["b", "c", "x"]]))
def test_the_pieces_of_an_indexed_run_are_those_of_its_files(
    tmp_path_factory: pytest.TempPathFactory, files: Files, keys: list[str] | None
) -> None:
    store, ref = _make(tmp_path_factory.mktemp("root"), files)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hybrid_store, "_LONG_BYTES", -1)
            patch.setattr(points, "_VALUES", 20)
            patch.setattr(points, "_LINES", 3)
            assert store.whole_index().holds([ref])
            reader = store.open_run(ref)
            assert isinstance(reader, PieceReader)
            assert _rows(list(reader.pieces(keys))) == _rows(store.read_metrics([ref], keys))
    finally:
        store.close()


def test_what_ends_the_pieces_in_their_middle_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, ref = _make(tmp_path, [[(ts, None, {"a": ts}) for ts in range(30)]])
    monkeypatch.setattr(hybrid_store, "_LONG_BYTES", -1)
    monkeypatch.setattr(points, "_VALUES", 5)
    monkeypatch.setattr(points, "_LINES", 1)
    table, made = points._table, list[RecordTable]()

    def full(*about: Any) -> RecordTable:
        if made:
            raise duckdb.OutOfMemoryException("Out of Memory Error: no room\nand more of it")
        made.append(table(*about))
        return made[0]

    monkeypatch.setattr(points, "_table", full)
    try:
        assert store.whole_index().holds([ref])
        reader = store.open_run(ref)
        assert isinstance(reader, PieceReader)
        with pytest.raises(StorageError, match=r"its index cannot go on \(Out of Memory Error: no room\); try again"):
            list(reader.pieces())
    finally:
        store.close()
