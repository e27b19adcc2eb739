"""The offer ``duckdb``: like ``hybrid``, and a run that has ended is sealed into Parquet segments."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.errors import BackendNotFound

from .file_store import file_backend, open_files
from .hybrid_backend import CAPABILITIES

if TYPE_CHECKING:
    from .sealing_store import SealingStore

#: Better than files alone; but that files change their form when a run ends has to be asked for.
_BETTER = 0.1


class DuckDBStorageBackend:
    """Running runs are plain files, ended ones segments; an index answers queries over both."""

    name = "duckdb"
    capabilities = CAPABILITIES

    def probe(self, root: Path) -> float:
        try:
            fits = file_backend().probe(root)
        except BackendNotFound:
            return 0.0
        return min(1.0, fits + _BETTER) if fits else 0.0

    def open_store(self, root: Path, config: Mapping[str, object]) -> SealingStore:
        from .sealing_store import SealingStore

        return SealingStore(open_files(root, config))
