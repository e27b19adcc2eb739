"""What authors of plugins test with: contract classes to subclass, with a fixture or two each, and
:mod:`runicorn.testing.pytest_plugin` with fixtures, and :mod:`runicorn.testing.browser_plugin` with a real browser.

Needs ``pip install runicorn-core[testing]``. A contract holds for every implementation; what an implementation
does not offer is missing from its ``capabilities``, and only that decides which tests are collected for it.
"""

from __future__ import annotations

import pytest

_CONTRACTS = (
    "archive", "artifacts", "capture", "exporter", "importer", "media", "monitor", "panel", "plugin", "sampler", "sink",
    "transport",
)  # fmt: skip
_STORAGE = ("storage_writing", "storage_reading", "storage_looking", "storage_managing", "storage_machine")

for _module in (*_CONTRACTS, *_STORAGE):
    pytest.register_assert_rewrite(f"{__name__}.{_module}")

from .archive import ArchivePartContract  # noqa: E402  (assertions are rewritten before they are imported)
from .artifacts import ArtifactStoreContract  # noqa: E402
from .capture import CaptureContract  # noqa: E402
from .exporter import ExporterContract  # noqa: E402
from .importer import ImporterContract  # noqa: E402
from .media import MediaTypeContract  # noqa: E402
from .monitor import MonitorContract  # noqa: E402
from .panel import PanelContract  # noqa: E402
from .plugin import PluginContract  # noqa: E402
from .sampler import SamplerContract  # noqa: E402
from .sink import AlertSinkContract  # noqa: E402
from .storage import StorageBackendContract  # noqa: E402
from .transport import TransportContract  # noqa: E402
from .viewer import ViewerClient  # noqa: E402

__all__ = [
    "AlertSinkContract",
    "ArchivePartContract",
    "ArtifactStoreContract",
    "CaptureContract",
    "ExporterContract",
    "ImporterContract",
    "MediaTypeContract",
    "MonitorContract",
    "PanelContract",
    "PluginContract",
    "SamplerContract",
    "StorageBackendContract",
    "TransportContract",
    "ViewerClient",
]
