"""Curves of sealed runs from their rollups are the curves of their points."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runicorn.contracts import Store
from runicorn.errors import StorageError
from runicorn.hooks import storage_backends
from runicorn.model.metric import BucketTable
from runicorn.model.run import RunMeta, RunRef
from runicorn.serialize import dumps
from runicorn_storage_duckdb.hybrid_backend import HybridStorageBackend
from runicorn_storage_duckdb.segments import rollups
from runicorn_storage_duckdb.segments.seal import seal_run

_VALUES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**63), 2**64 - 1),
    st.booleans(),
    st.sampled_from(["NaN", "Infinity", "-Infinity", "text", None]),
)
_RECORD = st.builds(
    lambda ts, step, data: {"ts": float(ts), "type": "metrics", "step": step, "data": data},
    st.integers(0, 50),
    st.one_of(st.integers(0, 20_000), st.integers(-300, 300)),
    st.dictionaries(st.sampled_from(["loss", "acc", "rare"]), _VALUES, min_size=1, max_size=3),
)
_MEDIA = st.just(
    {"ts": 1.0, "type": "media", "step": 1, "data": {"key": "image", "kind": "image", "path": "media/x.png"}}
)
_FILES = st.lists(
    st.lists(st.one_of(_RECORD, _RECORD, _RECORD, _MEDIA), min_size=1, max_size=40), min_size=1, max_size=3
)


def open_files(root: Path) -> Store:
    return storage_backends()["jsonl"].open_store(root, {})


def make(root: Path, files: Sequence[Sequence[Any]]) -> RunRef:
    session = open_files(root).create_run(RunMeta("r", "p", "n", 1.0))
    session.write("status", {"status": "finished", "started_at": 1.0, "ended_at": 2.0})
    for number, records in enumerate(files):
        name = "events.jsonl" if number == 0 else f"events-0000000{number}.jsonl"
        (session.folder / name).write_bytes(b"".join(dumps(record) + b"\n" for record in records))
    return session.ref


def same(one: BucketTable, other: BucketTable) -> None:
    assert (one.keys, one.width, list(one.records)) == (other.keys, other.width, list(other.records))
    for name, column in one.columns.items():
        np.testing.assert_allclose(column, other.columns[name], rtol=1e-9, atol=0, equal_nan=True, err_msg=name)


@settings(deadline=None, max_examples=30)
@given(_FILES, st.integers(1, 100), st.booleans())
def test_whatever_was_logged_its_sealed_curve_is_the_curve_of_the_lines(files: Any, buckets: int, twice: bool) -> None:
    keys = ["loss", "acc", "rare", "never"]
    long, rollups.LONG = rollups.LONG, 0  # every key has them
    try:
        with tempfile.TemporaryDirectory() as place, tempfile.TemporaryDirectory() as other:
            plain, ref = make(Path(place), files), make(Path(other), files[:-1] if twice else files)
            folder = Path(other) / ref.folder
            seal_run(folder, lambda: None)
            if twice:  # the last process came later
                (folder / "events-fffffff0.jsonl").write_bytes(b"".join(dumps(one) + b"\n" for one in files[-1]))
                seal_run(folder, lambda: None)
            expected = open_files(Path(place)).read_buckets([plain], keys, buckets=buckets)
            same(open_files(Path(other)).read_buckets([ref], keys, buckets=buckets), expected)
    finally:
        rollups.LONG = long


@pytest.fixture(scope="module")
def long_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunRef, BucketTable]:
    """A sealed run of 110 000 steps, and its curve before it was sealed."""
    root = tmp_path_factory.mktemp("long")
    values = np.random.default_rng(0).normal(size=110_000).round(3).tolist()
    ref = make(
        root, [[{"ts": step / 8, "type": "metrics", "step": step, "data": {"a": v}} for step, v in enumerate(values)]]
    )
    expected = open_files(root).read_buckets([ref], ["a"], buckets=1000)
    seal_run(root / ref.folder, lambda: None)
    return root, ref, expected


def test_a_chart_of_a_long_sealed_series_does_not_read_its_points(
    long_run: tuple[Path, RunRef, BucketTable], tmp_path: Path
) -> None:
    root, ref, expected = long_run
    (points,) = (root / ref.folder).glob("metrics/*.points.parquet")
    points.rename(tmp_path / "points")
    try:
        same(open_files(root).read_buckets([ref], ["a"], buckets=1000), expected)
        with pytest.raises(StorageError):
            open_files(root).read_buckets([ref], ["a"], buckets=100_000)
    finally:
        (tmp_path / "points").rename(points)


@pytest.mark.parametrize("beside", ["a process that goes on", "a line that only JSON tells"])
def test_what_stands_beside_the_rollups_is_in_the_chart(
    long_run: tuple[Path, RunRef, BucketTable], beside: str
) -> None:
    root, ref, expected = long_run
    more = root / ref.folder / "events-0123abcd.jsonl"
    spelled = b'{"step": 200000, "ts": 20000.0, "type": "metrics", "data": {"a": 77.5}}\n'
    more.write_bytes(spelled if beside.startswith("a line") else spelled.replace(b" ", b""))
    try:
        table = open_files(root).read_buckets([ref], ["a"], buckets=1000)
        assert np.asarray(table.columns["max"]).max() == 77.5
        assert list(table.records) == [expected.records[0] + 1]
    finally:
        more.unlink()


def test_a_chart_of_a_sealed_run_that_the_index_has_not_read_is_the_same(
    long_run: tuple[Path, RunRef, BucketTable], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, ref, expected = long_run
    monkeypatch.setenv("RUNICORN_HOME", str(tmp_path / "home"))
    store = HybridStorageBackend().open_store(root, {})
    index = store.index()
    assert index is not None
    ask: Callable[[], BucketTable] = lambda: store.read_buckets([ref], ["a"], buckets=1000)  # noqa: E731
    same(ask(), expected)
    assert index.following.wait(90)
    assert index.holds([ref])
    same(ask(), expected)
    store.close()


def test_one_bucket_holds_what_lies_on_both_sides_of_zero(tmp_path: Path, open_hybrid: Any) -> None:
    root = tmp_path / "root"
    files = open_files(root)
    refs = []
    for run, steps in (("below", (-5, -4)), ("above", (3, 4))):
        session = files.create_run(RunMeta(run, "p", "n", 1.0))
        lines = [dumps({"ts": 9.0 + step, "type": "metrics", "step": step, "data": {"a": step}}) for step in steps]
        (session.folder / "events.jsonl").write_bytes(b"\n".join(lines) + b"\n")
        refs.append(session.ref)
    for store in (files, open_hybrid()):
        table = store.read_buckets(refs, ["a"], buckets=1)
        assert [list(table.columns[name]) for name in ("bucket", "min", "max")] == [[0, 0], [-5, 3], [-4, 4]]
