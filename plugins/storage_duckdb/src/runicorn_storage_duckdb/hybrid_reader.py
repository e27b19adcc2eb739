"""The reading end of one run: figures from the index, everything else from the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runicorn.contracts import RunReader, RunTail
    from runicorn.contracts.storage import Document
    from runicorn.model.metric import MetricRecord, RecordTable, Series
    from runicorn.model.run import ExperimentRecord, RunRef
    from runicorn.model.stream import LogLine, LogPage, MediaRecord
    from runicorn.model.system import SystemSeries
    from runicorn.types import JSON

    from .hybrid_store import HybridStore


class HybridReader:
    """Thread-safe, like what it reads from."""

    def __init__(self, ref: RunRef, files: RunReader, store: HybridStore) -> None:
        self._ref, self._files, self._store = ref, files, store

    def series(self) -> Sequence[Series]:
        index = self._store.index_for([self._ref])
        if index is not None:
            from .index.index import Unavailable
            from .index.summaries import series

            try:
                return series(index, self._ref)
            except Unavailable:
                pass
        return self._files.series()

    @property
    def record(self) -> ExperimentRecord:
        return self._files.record

    @property
    def folder(self) -> Path:
        return self._files.folder

    def read(self, document: Document) -> dict[str, JSON]:
        return self._files.read(document)

    def texts(self) -> Mapping[str, JSON]:
        return self._files.texts()

    def records(self) -> Iterator[MetricRecord]:
        return self._files.records()

    def pieces(self, keys: Sequence[str] | None = None) -> Iterator[RecordTable]:
        """Those of a long run from the index, where it has read the run before: in half the time."""
        index = self._store.index_for([self._ref]) if self._store.is_long(self._ref) else None
        if index is not None and index.holds([self._ref]):
            from .index.index import Unavailable
            from .index.points import pieces

            found = pieces(index, self._ref, keys)
            try:
                first = next(found, None)
            except Unavailable:
                pass
            else:
                if first is not None:
                    yield first
                    yield from self._rest(found)
                return
        from runicorn.contracts.storage import PieceReader

        if isinstance(self._files, PieceReader):
            yield from self._files.pieces(keys)
        else:
            yield from self._store.read_metrics([self._ref], keys)

    def _rest(self, pieces: Iterator[RecordTable]) -> Iterator[RecordTable]:
        from .index.index import Unavailable

        try:
            yield from pieces
        except Unavailable as error:
            from runicorn.errors import StorageError

            reason = f"its index cannot go on ({str(error).partition(chr(10))[0]}); try again"
            raise StorageError("reading", str(self.folder), reason) from error

    def logs(
        self,
        offset: int = 0,
        limit: int = 1000,
        *,
        tail: int | None = None,
        stream: str | None = None,
        q: str | None = None,
    ) -> LogPage:
        return self._files.logs(offset, limit, tail=tail, stream=stream, q=q)

    def follow_logs(self, offset: int) -> Callable[[], Sequence[LogLine]]:
        return self._files.follow_logs(offset)

    def media(
        self, key: str | None = None, first_step: int | None = None, last_step: int | None = None
    ) -> Sequence[MediaRecord]:
        return self._files.media(key, first_step, last_step)

    def alerts(self) -> Sequence[Mapping[str, JSON]]:
        return self._files.alerts()

    def system(self, keys: Sequence[str] | None = None) -> Sequence[SystemSeries]:
        from runicorn.contracts.storage import SystemReader

        return self._files.system(keys) if isinstance(self._files, SystemReader) else []

    def tail(self, *, from_start: bool = True) -> RunTail:
        return self._files.tail(from_start=from_start)
