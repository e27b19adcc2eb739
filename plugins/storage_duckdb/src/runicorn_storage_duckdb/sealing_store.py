"""A root whose runs are sealed when they end. Everything else is the hybrid store's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .hybrid_store import HybridStore

if TYPE_CHECKING:
    from runicorn.contracts import RunSession
    from runicorn.model.run import RunMeta, RunRef


class SealingStore(HybridStore):
    """Sealing is done by a process of its own, so that ``finish()`` need not wait for it."""

    backend = "duckdb"

    def create_run(self, meta: RunMeta) -> RunSession:
        from .sealing_session import SealingSession

        return SealingSession(super().create_run(meta), self.root)

    def attach_run(self, ref: RunRef) -> RunSession:
        from .sealing_session import SealingSession

        return SealingSession(super().attach_run(ref), self.root)
