"""The hybrid backend keeps every promise of the storage contract, with its index open from the first moment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from runicorn.contracts import StorageBackend
from runicorn.testing import StorageBackendContract
from runicorn_storage_duckdb.hybrid_backend import HybridStorageBackend
from runicorn_storage_duckdb.hybrid_store import HybridStore


class Eager(HybridStorageBackend):
    """Small roots are answered from the files otherwise."""

    def open_store(self, root: Path, config: Mapping[str, object]) -> HybridStore:
        store = super().open_store(root, config)
        assert store.index() is not None
        return store


class TestHybrid(StorageBackendContract):
    @pytest.fixture
    def backend(self) -> StorageBackend:
        return Eager()
