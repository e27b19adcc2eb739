"""One root: files below, an index beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runicorn.contracts import RunReader, RunSession, Store
    from runicorn.model.metric import BucketTable, RecordTable
    from runicorn.model.run import ExperimentRecord, RunMeta, RunRef
    from runicorn.types import JSON, JSONObject


class HybridStore:
    """Writing, documents, logs and media are the file store's; figures and curves come from the index."""

    backend = "hybrid"

    def __init__(self, files: Store) -> None:
        self._files = files

    @property
    def root(self) -> Path:
        return self._files.root

    # --- Writing

    def create_run(self, meta: RunMeta) -> RunSession:
        return self._files.create_run(meta)

    def attach_run(self, ref: RunRef) -> RunSession:
        return self._files.attach_run(ref)

    # --- Reading

    def list_runs(self, *, deleted: bool | None = False) -> Sequence[ExperimentRecord]:
        return self._files.list_runs(deleted=deleted)

    def find_runs(self, run_id: str) -> Sequence[ExperimentRecord]:
        return self._files.find_runs(run_id)

    def open_run(self, ref: RunRef) -> RunReader:
        return self._files.open_run(ref)

    def read_metrics(
        self,
        runs: Sequence[RunRef],
        keys: Sequence[str] | None = None,
        *,
        x: str = "step",
        range: tuple[float | None, float | None] = (None, None),
    ) -> Sequence[RecordTable]:
        return self._files.read_metrics(runs, keys, x=x, range=range)

    def read_buckets(
        self,
        runs: Sequence[RunRef],
        keys: Sequence[str] | None = None,
        *,
        x: str = "step",
        range: tuple[float | None, float | None] = (None, None),
        buckets: int = 1000,
        log_x: bool = False,
    ) -> BucketTable:
        return self._files.read_buckets(runs, keys, x=x, range=range, buckets=buckets, log_x=log_x)

    # --- Managing

    def update_user(self, ref: RunRef, change: Callable[[dict[str, JSON]], JSONObject]) -> None:
        self._files.update_user(ref, change)

    def soft_delete(self, ref: RunRef, reason: str = "") -> None:
        self._files.soft_delete(ref, reason)

    def restore(self, ref: RunRef) -> None:
        self._files.restore(ref)

    def purge(self, ref: RunRef) -> None:
        self._files.purge(ref)

    def close(self) -> None:
        self._files.close()
