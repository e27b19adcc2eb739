"""The contract of :class:`runicorn.contracts.StorageBackend`, as tests.

Subclass it in a test module and give it a backend::

    class TestMyBackend(StorageBackendContract):
        @pytest.fixture
        def backend(self) -> StorageBackend:
            return MyBackend()
"""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from ..contracts import StorageBackend
from .storage_looking import LookingContract
from .storage_machine import StorageMachine
from .storage_managing import ManagingContract
from .storage_querying import QueryingContract
from .storage_reading import ReadingContract
from .storage_writing import WritingContract

_CAPABILITIES = {
    "write",
    "resume",
    "concurrent-writers",
    "soft-delete",
    "tail",
    "older-folders",
    "move",
    "system",
    "query",
}


class StorageBackendContract(WritingContract, ReadingContract, LookingContract, ManagingContract, QueryingContract):
    """Everything that the contract's docstrings promise and that one machine can show."""

    def test_capabilities_are_known_words(self, backend: StorageBackend) -> None:
        assert backend.capabilities <= _CAPABILITIES
        assert backend.name

    def test_probing_a_missing_root_makes_nothing(self, backend: StorageBackend, tmp_path: Path) -> None:
        assert 0.0 <= backend.probe(tmp_path / "nothing" / "here") <= 1.0
        assert list(tmp_path.iterdir()) == []

    def test_whatever_happens_in_whatever_order_every_record_comes_back(
        self, backend: StorageBackend, tmp_path: Path
    ) -> None:
        made = iter(range(1_000_000))
        run_state_machine_as_test(
            lambda: StorageMachine(backend, tmp_path / str(next(made))),  # type: ignore[arg-type]  # any maker will do
            settings=settings(
                max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
