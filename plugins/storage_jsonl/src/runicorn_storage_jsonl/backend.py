"""The offer: what this backend can do, and how well it fits a root."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .store import JsonlStore

CAPABILITIES = frozenset(
    ["write", "resume", "concurrent-writers", "soft-delete", "tail", "older-folders", "system", "move"]
)


class JsonlBackend:
    """Nothing but the files of the run folder; fits every root that is a folder, or that nothing stands at yet."""

    name = "jsonl"
    capabilities = CAPABILITIES

    def probe(self, root: Path) -> float:
        return 0.5 if root.is_dir() or not root.exists() else 0.0

    def open_store(self, root: Path, config: Mapping[str, object]) -> JsonlStore:  # noqa: ARG002
        """Open a root. Durability is the caller's (``RunWriter.sync``), so nothing of ``config`` matters here."""
        from .store import JsonlStore

        return JsonlStore(root)
