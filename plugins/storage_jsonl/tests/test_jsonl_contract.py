"""The jsonl backend keeps the storage contract."""

from __future__ import annotations

import pytest
from runicorn.contracts import StorageBackend
from runicorn.testing import StorageBackendContract
from runicorn_storage_jsonl.backend import JsonlBackend


class TestJsonlBackend(StorageBackendContract):
    @pytest.fixture
    def backend(self) -> StorageBackend:
        return JsonlBackend()
