"""The event files of one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from .columns import Columns
from .figures import Figures
from .growing import names_below
from .lines import Lines, lines_at, moved, same_lines, stands
from .records import Metric, metric_of, parse
from .sealed import Sealed, SealedFiles
from .sealedfile import SealedFile


def event_files(folder: Path, sealed: Sealed) -> list[str]:
    """Names of the event files of a run, sealed or not; the first process's file comes first."""
    names = {name for name in names_below(folder) if is_event_file(name)}.union(sealed.names("events"))
    return sorted(names, key=lambda name: (name != "events.jsonl", name))


def is_event_file(name: str) -> bool:
    return name == "events.jsonl" or (name.startswith("events-") and name.endswith(".jsonl"))


class EventFile:
    """One event file in columns, read on as it grows. One thread at a time."""

    def __init__(self, file: Lines) -> None:
        self._file = file
        self._generation = 0
        self._ended = False  # the half line at the end was taken as it is: nothing was expected to follow
        self._clear()

    def _clear(self) -> None:
        self.columns = Columns()
        self.figures: dict[str, Figures] = {}
        self.skipped = 0
        self._ended = False

    @property
    def name(self) -> str:
        return self._file.name

    def holds(self, sealed: Sealed) -> bool:
        """Whether the lines are still where they are read."""
        return stands(self._file, sealed)

    def refresh(self, ended: Callable[[], bool]) -> None:
        """Read what is new.

        :param ended: whether no process of the run lives; asked only when half a line stands at the end.
        """
        self._notice_replacement()
        if isinstance(self._file, SealedFile):
            for _ in self._file.columns(lambda: self.columns) or ():
                pass
        if self._ended and self._file.path.exists() and len(self._file.torn()) != self._file.rest:
            self._file.begin_again()
        for piece in self._file.pieces():
            self._notice_replacement()
            self._take(piece)
        self._notice_replacement()
        if self._file.rest and not self._ended and ended():
            self._take(self._file.torn() + b"\n")
            self._ended = True

    def _take(self, piece: bytes) -> None:
        values, skipped = parse(piece)  # gone before the next ones come: their memory is used again
        self.columns.add(values)
        self.skipped += skipped

    def _notice_replacement(self) -> None:
        if self._file.generation != self._generation:
            self._generation = self._file.generation
            self._clear()


def each_metric(folder: Path) -> Iterator[Metric]:
    """Every ``log()`` call of a run, file by file, for those who need each one and keep none.

    Files come in the order of their first record, lines in the order of the file.
    """
    now = SealedFiles(folder)
    for file in begun(folder):
        metrics = Metrics(file)
        yield from (metric for part in metrics.new() for metric in part)
        metrics.file = moved(metrics.file, folder, metrics.file.name, now.look())
        yield from (metric for part in metrics.new() for metric in part)
        yield from metrics.unfinished()


def begun(folder: Path) -> Iterator[Lines]:
    """The event files that hold a ``log()`` call, in the order of their first one, each from its first line."""
    now = SealedFiles(folder)
    started, sealed = None, now.look()
    while started is None or now.look() is not sealed:  # sealed, or brought back, while it was looked at
        sealed = now.look()
        files = [Metrics(lines_at(folder, name, sealed)) for name in event_files(folder, sealed)]
        started = [(first.ts, position) for position, file in enumerate(files) if (first := file.first()) is not None]
    yield from (files[position].file for _, position in sorted(started))


def last_step(folder: Path) -> int:
    """The highest step on disk; 0 when there is none. Of what is sealed, only lines of an odd kind are read for it."""
    sealed = SealedFiles(folder).look()
    odd = any(segment.irregular for segment in sealed.segments)
    names = [name for name in event_files(folder, sealed) if odd or name not in sealed.sources]
    files = [Metrics(lines_at(folder, name, sealed)) for name in names]
    steps = [metric.step for file in files for part in (*file.new(), file.unfinished()) for metric in part]
    return max(steps if sealed.last_step is None else [*steps, sealed.last_step], default=0)


class Metrics:
    """The ``log()`` calls of one event file that became whole since the last look."""

    def __init__(self, file: Lines) -> None:
        self.file = file
        self._last = (0.0, 0)

    def new(self) -> Iterator[list[Metric]]:
        for piece in self.file.pieces():
            yield self._metrics(piece)

    def unfinished(self) -> list[Metric]:
        """What stands behind the last newline, where it is whole: only its newline is missing."""
        return self._metrics(self.file.torn() + b"\n") if self.file.rest else []

    def first(self) -> Metric | None:
        """The first one in the file; the position stays where it is."""
        for piece in same_lines(self.file).pieces():
            if metrics := Metrics(self.file)._metrics(piece):
                return metrics[0]
        return None

    def _metrics(self, piece: bytes) -> list[Metric]:
        found: list[Metric] = []
        for record in parse(piece)[0]:
            metric = metric_of(record, self._last)
            if metric is not None:
                found.append(metric)
                self._last = metric.ts, metric.step
        return found
