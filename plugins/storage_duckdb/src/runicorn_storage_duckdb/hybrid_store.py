"""One root: files below, an index beside them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.security import join

if TYPE_CHECKING:
    from runicorn.contracts import RunReader, RunSession, Store
    from runicorn.model.metric import BucketTable, RecordTable
    from runicorn.model.query import FieldInfo, RunPage, RunQuery
    from runicorn.model.run import ExperimentRecord, RunMeta, RunRef
    from runicorn.types import JSON, JSONObject

    from .index.looking import LookIndex
    from .index.progress import Progress

#: What files answer as quickly as an index is opened: a list of so many runs and bytes, a curve over so many bytes.
_FEW_RUNS = 100
_FEW_OF_ALL = 16 << 20
_FEW_BYTES = 4 << 20
#: Points of a run are read from the index from here on.
_LONG_BYTES = 32 << 20
#: Sealed, a point takes about so much less.
_SEALED = 8
#: After an index could not be made at all, how long the files answer before it is tried again.
_AGAIN_S = 60.0


class HybridStore:
    """Writing, documents, logs and media are the file store's; lists, figures and curves come from the index.

    The index is opened by the first question that it answers better. Whenever it cannot answer, the files do.
    """

    backend = "hybrid"

    def __init__(self, files: Store) -> None:
        self._files = files
        self._opening = threading.Lock()
        self._not_before = float("-inf")
        self._used = False

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
        from .hybrid_reader import HybridReader

        return HybridReader(ref, self._files.open_run(ref), self)

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
        index = self.index_for(runs)
        if index is not None and not self._sooner_from_rollups(index, runs, keys, x, range):
            from .index.curves import read_buckets
            from .index.index import Unavailable

            try:
                records = [self._files.open_run(ref).record for ref in runs]
                started = [r.created_at if r.started_at is None else r.started_at for r in records]
                return read_buckets(index, runs, started, keys, x, range, buckets, log_x)
            except Unavailable:
                pass
        return self._files.read_buckets(runs, keys, x=x, range=range, buckets=buckets, log_x=log_x)

    def _sooner_from_rollups(
        self,
        index: LookIndex,
        runs: Sequence[RunRef],
        keys: Sequence[str] | None,
        x: str,
        range_: tuple[float | None, float | None],
    ) -> bool:
        """Whether the index lacks a sealed run whose long series were counted when it was sealed.

        It is read behind the answer's back; to wait for that would take a second for a million points.
        """
        if keys is None or x != "step" or range_ != (None, None) or index.holds(runs):
            return False
        if not any(next(join(self.root, ref.folder).glob("metrics/*.rollups.parquet"), None) for ref in runs):
            return False
        index.following.begin()
        return True

    def query_runs(self, query: RunQuery) -> RunPage:
        """See ``QueryStore``."""
        index = self.index_for()
        if index is not None:
            from .index.index import Unavailable
            from .index.listing import query_runs

            try:
                return query_runs(index, query)
            except Unavailable:
                pass
        from runicorn.filters import query_runs as look

        return look(self._files, query)

    def known_fields(self, project: str | None = None, name: str | None = None) -> Sequence[FieldInfo]:
        """See ``QueryStore``."""
        index = self.index_for()
        if index is not None:
            from .index.fields import known_fields
            from .index.index import Unavailable

            try:
                return known_fields(index, project, name)
            except Unavailable:
                pass
        from runicorn.filters import known_fields as look

        return look(self._files, project, name)

    # --- The index

    def index_for(self, runs: Sequence[RunRef] | None = None) -> LookIndex | None:
        """The index, if it is open or a question about these runs (None: all) is worth opening it."""
        if self._used or self._profits(runs):
            return self.index()
        return None

    def _profits(self, runs: Sequence[RunRef] | None) -> bool:
        """Loading DuckDB takes longer than reading a few small files."""
        few = _FEW_BYTES
        if runs is None:
            runs, few = [record.ref for record in self._files.list_runs(deleted=None)], _FEW_OF_ALL
            if len(runs) > _FEW_RUNS:
                return True
        size = 0
        for ref in runs:
            size += self._bytes_of(ref)
            if size > few:
                return True
        return False

    def is_long(self, ref: RunRef) -> bool:
        """Whether its points are read from the index more quickly than from its files."""
        return self._bytes_of(ref) > _LONG_BYTES

    def _bytes_of(self, ref: RunRef) -> int:
        folder = join(self.root, ref.folder)
        return _bytes_in(folder) + _SEALED * _bytes_in(folder / "metrics")

    def index(self) -> LookIndex | None:
        """The index of this root; None where there can be none now."""
        with self._opening:
            if time.monotonic() < self._not_before:
                return None
            try:
                from runicorn.hooks import plugin_section

                from .index.index import shared
                from .settings import StorageDuckdbSection

                taken = shared.take(self._files, plugin_section("storage-duckdb", StorageDuckdbSection), id(self))
            except Exception:
                import logging

                logging.getLogger("runicorn.index").warning("no index can be made: the files answer", exc_info=True)
                self._not_before = time.monotonic() + _AGAIN_S
                return None
            self._used = True
            return taken

    def whole_index(self) -> LookIndex:
        """The index, after it has read every run once.

        :raises StorageError: there can be none now.
        """
        while (index := self.index()) is not None:
            if index.following.wait():
                return index
            if index.broken is None:
                break  # it was closed meanwhile
        from runicorn.errors import StorageError

        raise StorageError("reading all runs", str(self.root), "there can be no index (runicorn --debug shows why)")

    @property
    def progress(self) -> Progress | None:
        """How far the index is; None without one."""
        index = self.index()
        return None if index is None else index.progress

    # --- Managing

    def update_user(self, ref: RunRef, change: Callable[[dict[str, JSON]], JSONObject]) -> None:
        self._files.update_user(ref, change)

    def move(self, ref: RunRef, project: str, name: str) -> RunRef:
        from runicorn.contracts.storage import MovingStore
        from runicorn.errors import InvalidArgument

        if not isinstance(self._files, MovingStore):
            raise InvalidArgument("backend", self._files.backend, "cannot move runs")
        return self._files.move(ref, project, name)

    def soft_delete(self, ref: RunRef, reason: str = "") -> None:
        self._files.soft_delete(ref, reason)

    def restore(self, ref: RunRef) -> None:
        self._files.restore(ref)

    def purge(self, ref: RunRef) -> None:
        self._files.purge(ref)

    def close(self) -> None:
        with self._opening:
            if self._used:
                from .index.index import shared

                shared.leave(self.root, id(self))
                self._used = False
        self._files.close()


def _bytes_in(folder: Path) -> int:
    with suppress(OSError), os.scandir(folder) as entries:
        return sum(entry.stat().st_size for entry in entries if entry.is_file(follow_symlinks=False))
    return 0
