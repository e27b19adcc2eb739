"""A statement may be the first that reads a block of the index, and find it damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from runicorn.contracts import Store
from runicorn_storage_duckdb.hybrid_backend import HybridStorageBackend
from runicorn_storage_duckdb.hybrid_store import HybridStore
from runicorn_storage_duckdb.sql.session import run_sql

from .conftest import make_run
from .test_duckdb_index_faults import index_file
from .test_duckdb_sql_streamed import hold

_HEADERS, _BLOCK = 3 * 4096, 1 << 18


@pytest.mark.parametrize("borrowed", [False, True], ids=["own", "borrowed"])
def test_sql_that_meets_a_damaged_block_is_answered_from_another_index(
    borrowed: bool,
    files: Store,
    root: Path,
    open_hybrid: Callable[[], HybridStore],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RUNICORN_PLUGINS_STRICT", "0")
    make_run(files, "a", *range(20_000))
    store = open_hybrid()
    path = index_file(store)
    store.close()
    whole = path.read_bytes()
    for block in range(_HEADERS, len(whole), _BLOCK):
        content = bytearray(whole)
        content[block + 100] ^= 0xFF
        path.write_bytes(content)
        owner = hold(root) if borrowed else None
        store = HybridStorageBackend().open_store(root, {})
        rows = run_sql(store, "select count(*) as n, max(step) as last, sum(value) as s from metrics")
        assert rows.table.to_pylist() == [{"n": 20_000, "last": 20_000, "s": 199_990_000.0}], block
        progress = store.progress
        assert progress is not None
        met = index_file(store) != path if borrowed else bool(progress.rebuilt)
        store.close()
        if owner is not None:
            owner.communicate("", timeout=60)
        if met:
            return
    pytest.fail("no statement met the damage")
