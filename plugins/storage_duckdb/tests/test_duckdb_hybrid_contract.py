"""The hybrid backend keeps every promise of the storage contract."""

from __future__ import annotations

import pytest
from runicorn.contracts import StorageBackend
from runicorn.testing import StorageBackendContract
from runicorn_storage_duckdb.hybrid_backend import HybridStorageBackend


class TestHybrid(StorageBackendContract):
    @pytest.fixture
    def backend(self) -> StorageBackend:
        return HybridStorageBackend()
