"""What authors of plugins test with: contract classes to subclass, with one fixture each.

Needs ``pip install runicorn-core[testing]``. A contract holds for every implementation; what an implementation
does not offer is missing from its ``capabilities``, and only that decides which tests are collected for it.
"""

from __future__ import annotations

import pytest

for _module in ("storage_writing", "storage_reading", "storage_looking", "storage_managing", "storage_machine"):
    pytest.register_assert_rewrite(f"{__name__}.{_module}")

from .storage import StorageBackendContract  # noqa: E402  (assertions are rewritten before they are imported)

__all__ = ["StorageBackendContract"]
