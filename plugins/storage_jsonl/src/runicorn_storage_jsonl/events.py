"""The event files of one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from .columns import Columns
from .figures import Figures
from .growing import GrowingFile, names_below
from .records import Metric, metric_of, parse


def event_files(folder: Path) -> list[str]:
    """Names of the event files of a run; the first process's file comes first."""
    names = [name for name in names_below(folder) if is_event_file(name)]
    return sorted(names, key=lambda name: (name != "events.jsonl", name))


def is_event_file(name: str) -> bool:
    return name == "events.jsonl" or (name.startswith("events-") and name.endswith(".jsonl"))


class EventFile:
    """One event file in columns, read on as it grows. One thread at a time."""

    def __init__(self, path: Path) -> None:
        self._file = GrowingFile(path)
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

    def refresh(self, ended: Callable[[], bool]) -> None:
        """Read what is new.

        :param ended: whether no process of the run lives; asked only when half a line stands at the end.
        """
        if self._ended and self._file.path.exists() and len(self._file.torn()) != self._file.rest:
            self._file.begin_again()
        for piece in self._file.pieces():
            self._notice_replacement()
            values, skipped = parse(piece)
            self.columns.add(values)
            self.skipped += skipped
        self._notice_replacement()
        if self._file.rest and not self._ended and ended():
            values, skipped = parse(self._file.torn() + b"\n")
            self.columns.add(values)
            self.skipped += skipped
            self._ended = True

    def _notice_replacement(self) -> None:
        if self._file.generation != self._generation:
            self._generation = self._file.generation
            self._clear()


def each_metric(folder: Path) -> Iterator[Metric]:
    """Every ``log()`` call of a run, file by file, for those who need each one and keep none.

    Files come in the order of their first record, lines in the order of the file.
    """
    files = [Metrics(GrowingFile(folder / name)) for name in event_files(folder)]
    started = [(first.ts, position) for position, file in enumerate(files) if (first := file.first()) is not None]
    for _, position in sorted(started):
        for metrics in files[position].new():
            yield from metrics
        yield from files[position].unfinished()


def last_step(folder: Path) -> int:
    """The highest step on disk; 0 when there is none."""
    return max((metric.step for metric in each_metric(folder)), default=0)


class Metrics:
    """The ``log()`` calls of one event file that became whole since the last look."""

    def __init__(self, file: GrowingFile) -> None:
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
        for piece in GrowingFile(self.file.path).pieces():
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
