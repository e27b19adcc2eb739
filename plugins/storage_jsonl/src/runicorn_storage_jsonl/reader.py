"""The reading end of one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.errors import RunNotFound
from runicorn.model.metric import MetricRecord, RecordTable, Series
from runicorn.model.stream import LogLine, LogPage, MediaRecord
from runicorn.serialize import number

from .documents import Documents
from .events import each_metric
from .failures import mapped
from .figures import Figures, combined
from .increments import JsonlIncrement
from .loglines import LogView, parse_line
from .mediarecords import media_of
from .records import plain
from .tables import Range, table
from .tail import JsonlTail
from .texts import Texts

if TYPE_CHECKING:
    from runicorn.contracts.storage import Document
    from runicorn.model.run import ExperimentRecord, RunRef
    from runicorn.model.system import SystemSeries
    from runicorn.types import JSON

    from .columns import Columns
    from .events import EventFile
    from .pieces import Gathered
    from .states import Readers


class JsonlReader:
    """Thread-safe; what was parsed is shared with the other readers of the same store."""

    def __init__(self, ref: RunRef, folder: Path, readers: Readers) -> None:
        self.ref = ref
        self.folder = folder
        self._readers = readers

    @property
    def record(self) -> ExperimentRecord:
        """:raises RunNotFound: the folder is gone, or is no run."""
        record = self._readers.listing.record(self.ref)
        if record is None:
            raise RunNotFound(self.ref.id, str(self.folder))
        return record

    def read(self, document: Document) -> dict[str, JSON]:
        try:
            return Documents(str(self.folder), self._readers.listing.people(), exact=True).read(document)
        except OSError:  # the folder is gone: it holds no document
            return {}

    # --- Scalars

    def series(self) -> Sequence[Series]:
        if (gathered := self.gathered()) is not None:
            return gathered.series
        parts: dict[str, list[Figures]] = {}
        with self._events() as files:
            for file in files:
                for key, column in file.columns.keys.items():
                    figures = file.figures.setdefault(key, Figures())
                    figures.advance(file.columns, column)
                    parts.setdefault(key, []).append(figures)
            return [combined(key, parts[key]) for key in sorted(parts)]

    def texts(self) -> Mapping[str, JSON]:
        if (gathered := self.gathered()) is not None:
            return gathered.texts
        texts = Texts()
        with self._events() as files:
            for file in files:
                texts.take(file.columns)
        return texts.found()

    def table(self, keys: Sequence[str] | None, x: str, range_: Range) -> RecordTable:
        """See ``Store.read_metrics``."""
        with self._events() as files:
            return table(self.ref, [file.columns for file in files], keys, x, range_, self.started_at)

    def pieces(self, keys: Sequence[str] | None = None) -> Iterator[RecordTable]:
        """See ``PieceReader``."""
        from .pieces import mark_of, pieces, timed

        with mapped("reading", self.folder):
            mark = mark_of(self.folder)
            if mark is None:
                yield self.table(keys, "step", (None, None))
                return
            times = self._readers.of_long(self.folder, mark, timed)
            yield from pieces(self.ref, self.folder, keys, times)

    def parts(self) -> Iterator[Columns]:
        """The columns of a long run, one part after the other."""
        from .pieces import parts_of

        with mapped("reading", self.folder):
            yield from parts_of(self.folder)

    @property
    def started_at(self) -> float:
        """Unix seconds."""
        record = self.record
        return record.created_at if record.started_at is None else record.started_at

    @contextmanager
    def columns(self) -> Iterator[list[Columns]]:
        """The columns of each event file, for this thread alone until the block ends; keep nothing of them."""
        with self._events() as files:
            yield [file.columns for file in files]

    def records(self) -> Iterator[MetricRecord]:
        with mapped("reading", self.folder):
            for metric in each_metric(self.folder):
                yield MetricRecord(metric.ts, metric.step, plain(metric.data), metric.stage)

    @property
    def skipped_lines(self) -> int:
        """Lines that were no JSON: torn by a killed process, or damaged."""
        with self._events() as files:
            return sum(file.skipped for file in files)

    def increment(self, position: JSON = None) -> JsonlIncrement:
        """See ``IncrementalReader``."""
        with mapped("reading", self.folder):
            return JsonlIncrement(self.folder, position, self._ended)

    def tail(self, *, from_start: bool = True) -> JsonlTail:
        return JsonlTail(self.folder, from_start=from_start)

    # --- Everything else

    def logs(
        self,
        offset: int = 0,
        limit: int = 1000,
        *,
        tail: int | None = None,
        stream: str | None = None,
        q: str | None = None,
    ) -> LogPage:
        with self._readers.state(self.folder) as state:
            state.logs.refresh()
            return LogView(state.logs, ended=self._ended()).page(offset, limit, tail, stream, q)

    def follow_logs(self, offset: int) -> Callable[[], Sequence[LogLine]]:
        following = _Following(self._readers, self.folder, offset)
        return following.read

    def media(
        self, key: str | None = None, first_step: int | None = None, last_step: int | None = None
    ) -> Sequence[MediaRecord]:
        low = float("-inf") if first_step is None else first_step
        high = float("inf") if last_step is None else last_step
        bounded = first_step is not None or last_step is not None
        found = [
            record
            for event in self._other_records()
            if (record := media_of(event)) is not None
            and (key is None or record.key == key)
            and (not bounded or (record.step is not None and low <= record.step <= high))
        ]
        found.sort(key=lambda record: (record.key, -1 if record.step is None else record.step, record.ts))
        return found

    def alerts(self) -> Sequence[Mapping[str, JSON]]:
        found = [
            {"ts": event.get("ts"), "step": event.get("step"), **data}
            for event in self._other_records()
            if event.get("type") == "alert" and isinstance(data := event.get("data"), dict)
        ]
        found.sort(key=lambda alert: number(alert["ts"]) or 0.0)
        return found

    def system(self, keys: Sequence[str] | None = None) -> Sequence[SystemSeries]:
        with self._readers.state(self.folder) as state:
            state.system.refresh()
            return state.system.series(keys)

    def gathered(self) -> Gathered | None:
        """Of a long run that has ended: its columns need not be kept for what is asked of all of them."""
        if not self._ended():
            return None
        from .pieces import gathered, mark_of

        with mapped("reading", self.folder):
            mark = mark_of(self.folder)
            if mark is None:
                return None
            return self._readers.of_long(self.folder, mark, gathered)

    def _other_records(self) -> Sequence[dict[str, JSON]]:
        if (gathered := self.gathered()) is not None:
            return gathered.events
        with self._events() as files:
            return [event for file in files for event in file.columns.events]

    @contextmanager
    def _events(self) -> Iterator[list[EventFile]]:
        with self._readers.state(self.folder) as state:
            state.refresh(self._ended)
            yield state.files

    def _ended(self) -> bool:
        record = self._readers.listing.record(self.ref)
        return record is None or record.status != "running"


class _Following:
    """A place in the log of a run. Only whole lines: a half one is read once it is whole."""

    def __init__(self, readers: Readers, folder: Path, offset: int) -> None:
        self._readers = readers
        self._folder = folder
        self._next = max(0, offset)
        self._generation: int | None = None

    def read(self) -> Sequence[LogLine]:
        with self._readers.state(self._folder) as state:
            index = state.logs
            index.refresh()
            if self._generation is not None and index.generation != self._generation:
                self._next = 0  # the files were replaced: what they hold now is new
            self._generation = index.generation
            first, last = self._next, index.whole
            if first >= last:
                return []
            self._next = last
            return [parse_line(n, raw) for n, raw in enumerate(index.read(first, last), first)]
