"""A long run is read in parts, and is told as a short one is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runicorn.contracts import Store
from runicorn.contracts.storage import PieceReader
from runicorn.model.metric import RecordTable
from runicorn.model.run import RunMeta, RunRef
from runicorn.serialize import dumps
from runicorn_storage_jsonl import merging, pieces
from runicorn_storage_jsonl.backend import JsonlBackend

_VALUES = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.one_of(st.integers(0, 9), st.just("word")), max_size=3)
_RECORDS = st.lists(st.tuples(st.integers(0, 30), st.sampled_from([None, "train"]), _VALUES), max_size=25)


def _make(root: Path, files: list[list[tuple[int, str | None, dict[str, Any]]]], *, sort: bool) -> tuple[Store, RunRef]:
    store = JsonlBackend().open_store(root, {})
    session = store.create_run(RunMeta("id", "p", "n", 1.0))
    session.write("status", {"status": "finished"})
    folder = root / session.ref.folder
    for number, records in enumerate(files):
        lines = []
        for ts, stage, data in sorted(records, key=lambda each: int(each[0])) if sort else records:
            line: dict[str, Any] = {"ts": float(ts), "type": "metrics", "step": ts % 7, "data": data}
            lines.append(dumps(line if stage is None else {**line, "stage": stage}) + b"\n")
        name = f"events-{number:08x}.jsonl" if number else "events.jsonl"
        (folder / name).write_bytes(b"".join(lines))
    return store, session.ref


def _rows(tables: list[RecordTable]) -> list[tuple[Any, ...]]:
    """Records with their numbers."""
    rows: list[tuple[Any, ...]] = []
    for table in tables:
        begin = len(rows)
        stages = list(table.stage) or [None] * len(table.step)
        rows += (
            (step, ts, stage, dict[str, float]()) for step, ts, stage in zip(table.step, table.ts, stages, strict=True)
        )
        for key, column in table.columns.items():
            where: Sequence[int] = range(len(column.values)) if column.rows is None else list(column.rows)
            for row, value in zip(where, column.values, strict=True):
                rows[begin + row][3][key] = value
    return rows


@settings(max_examples=60)
@given(st.lists(_RECORDS, min_size=1, max_size=4), st.booleans(), st.sampled_from([1, 200, 1000]))
def test_the_pieces_of_a_long_run_are_what_a_short_one_is(
    tmp_path_factory: pytest.TempPathFactory,
    files: list[list[tuple[int, str | None, dict[str, Any]]]],
    sort: bool,
    size: int,
) -> None:
    store, ref = _make(tmp_path_factory.mktemp("root"), files, sort=sort)
    (short,) = store.read_metrics([ref])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "LONG", 0)
        patch.setattr(pieces, "PIECE", size)
        patch.setattr(merging, "_LEAST", 1)
        patch.setattr("runicorn_storage_jsonl.growing.PIECE", 128)
        reader = store.open_run(ref)
        assert isinstance(reader, PieceReader)
        assert _rows(list(reader.pieces())) == _rows([short])


def test_curves_and_figures_of_a_long_run_are_those_of_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(7)
    records: list[tuple[int, str | None, dict[str, Any]]]
    records = [(int(ts), None, {"a": float(random.normal()), "b": int(ts % 5)}) for ts in random.integers(0, 900, 3000)]
    store, ref = _make(tmp_path, [records[:1000], records[1000:]], sort=True)
    short, figures = store.read_buckets([ref], buckets=100), store.open_run(ref).series()
    store = JsonlBackend().open_store(tmp_path, {})
    monkeypatch.setattr(pieces, "LONG", 0)
    monkeypatch.setattr(pieces, "PIECE", 4000)
    long = store.read_buckets([ref], buckets=100)
    assert (long.keys, long.width, long.records) == (short.keys, short.width, short.records)
    for name, column in short.columns.items():
        if name == "mean":
            np.testing.assert_allclose(long.columns[name], column)
        else:
            np.testing.assert_array_equal(long.columns[name], column)
    assert [(one.key, one.n, one.min, one.max) for one in store.open_run(ref).series()] == [
        (one.key, one.n, one.min, one.max) for one in figures
    ]
