"""The offer ``hybrid``: plain files that stay the truth, and an index beside them that answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.errors import BackendNotFound

from .file_store import file_backend, open_files

if TYPE_CHECKING:
    from .hybrid_store import HybridStore

CAPABILITIES = frozenset(
    ["write", "resume", "concurrent-writers", "soft-delete", "tail", "older-folders", "query", "system"]
)
#: A root that the files fit is fitted a little better by files with an index.
_BETTER = 0.2


class HybridStorageBackend:
    """Runs are written as plain files by the backend of the run folder; an index that may be lost answers queries."""

    name = "hybrid"
    capabilities = CAPABILITIES

    def probe(self, root: Path) -> float:
        try:
            fits = file_backend().probe(root)
        except BackendNotFound:
            return 0.0
        return min(1.0, fits + _BETTER) if fits else 0.0

    def open_store(self, root: Path, config: Mapping[str, object]) -> HybridStore:
        """Open a root. No index is opened or made before something is asked that profits from one."""
        from .hybrid_store import HybridStore

        return HybridStore(open_files(root, config))
