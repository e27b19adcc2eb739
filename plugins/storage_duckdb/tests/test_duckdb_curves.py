"""Curves from the index are the curves of the files, however they were counted."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runicorn.contracts import Store
from runicorn.hooks import storage_backends
from runicorn.model.metric import BucketTable
from runicorn_storage_duckdb.hybrid_backend import HybridStorageBackend
from runicorn_storage_duckdb.index import curves, rollups

from .conftest import make_run, write

_COLUMNS = ("x_first", "x_last", "first", "last", "min", "max", "mean", "ts_first", "step_first")
_COUNTS = ("run", "key", "bucket", "n", "n_nan", "n_posinf", "n_neginf")

values = st.one_of(
    st.floats(-1e6, 1e6), st.sampled_from(["NaN", "Infinity", "-Infinity"]), st.sampled_from([0, 1, True, "text", None])
)
steps = st.one_of(st.integers(-50, 400), st.integers(0, 2**40))
records = st.lists(
    st.tuples(st.floats(0, 1e4), steps, st.dictionaries(st.sampled_from("ab"), values, max_size=2)), max_size=60
)
bounds = st.one_of(st.none(), st.floats(-60, 500), st.integers(0, 2**40).map(float))


def same(ours: BucketTable, truth: BucketTable) -> None:
    assert (list(ours.runs), list(ours.keys), list(ours.records)) == (
        list(truth.runs),
        list(truth.keys),
        list(truth.records),
    )
    assert (ours.origin, ours.width) == (truth.origin, truth.width)
    for name in _COUNTS:
        assert list(ours.columns[name]) == list(truth.columns[name]), name
    for name in _COLUMNS:
        np.testing.assert_allclose(ours.columns[name], truth.columns[name], rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.fixture(autouse=True)
def soon_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Series of 40 points are long ones here."""
    monkeypatch.setattr(rollups, "LONG", 40)
    monkeypatch.setattr(rollups, "POINTS", (4, 16))


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    runs=st.lists(st.lists(records, min_size=1, max_size=3), min_size=1, max_size=2),
    low=bounds,
    high=bounds,
    x=st.sampled_from(["step", "step", "wall", "relative"]),
    log_x=st.booleans(),
    buckets=st.sampled_from([1, 5, 20, 1000]),
    keys=st.sampled_from([None, ["a"], ["b", "a", "none"]]),
)
def test_whatever_was_logged_and_asked(
    tmp_path_factory: pytest.TempPathFactory,
    runs: list[list[list[tuple[float, int, dict[str, object]]]]],
    low: float | None,
    high: float | None,
    x: str,
    log_x: bool,
    buckets: int,
    keys: list[str] | None,
) -> None:
    root = tmp_path_factory.mktemp("root")
    files = storage_backends()["jsonl"].open_store(root, {})
    store = HybridStorageBackend().open_store(root, {})
    assert store.index() is not None
    sessions = [make_run(files, f"r{n}") for n in range(len(runs))]
    try:
        for part in range(3):  # the index reads on after each
            for session, parts in zip(sessions, runs, strict=True):
                if part < len(parts):
                    write(session, *parts[part])  # type: ignore[arg-type]  # JSON
            refs = [session.ref for session in sessions]
            asked = {"x": x, "range": (low, high), "buckets": buckets, "log_x": log_x}
            same(store.read_buckets(refs, keys, **asked), files.read_buckets(refs, keys, **asked))  # type: ignore[arg-type]
    finally:
        store.close()


def test_a_long_series_is_counted_beforehand_and_stays_exact(
    files: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    data = rng.normal(size=30_000)
    data[[17, 20_000]] = 1e9, -1e9
    data[500:700] = np.nan
    session = make_run(files, "a", *data.tolist())
    write(
        session, *((5e5 + n, step, {"loss": 1.0}) for n, step in enumerate(rng.integers(-2000, 40_000, 500).tolist()))
    )
    store = HybridStorageBackend().open_store(root, {})
    store.index()
    read: list[int] = []
    inner = curves._Curves._points

    def counting(self: curves._Curves, *arguments: object) -> object:
        found = inner(self, *arguments)  # type: ignore[arg-type]
        read.append(len(found["run"]))
        return found

    monkeypatch.setattr(curves._Curves, "_points", counting)
    for range_ in ((None, None), (100.5, 29_000), (-300, None), (None, 777), (12_000, 12_050)):
        for buckets in (10, 300, 1000):
            asked = {"range": range_, "buckets": buckets}
            same(store.read_buckets([session.ref], **asked), files.read_buckets([session.ref], **asked))  # type: ignore[arg-type]
    assert read[0] == 0  # the whole series at 10 buckets: no point was looked at
    assert max(read[3:5]) < 2000  # of a part of it: those at its ends
    table = store.read_buckets([session.ref], buckets=100)
    assert (max(table.columns["max"]), min(table.columns["min"])) == (1e9, -1e9)
    assert sum(table.columns["n_nan"]) == 200
    assert not math.isnan(table.width)
    store.close()
