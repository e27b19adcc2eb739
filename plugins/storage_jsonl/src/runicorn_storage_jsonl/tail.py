"""Samples as they are logged."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path

from runicorn.model.sample import Sample
from runicorn.serialize import number

from .events import Metrics, event_files
from .failures import mapped
from .lines import lines_at, moved
from .records import Metric
from .sealed import SealedFiles


class JsonlTail:
    """A position in every event file of a run, those included that are yet to come."""

    def __init__(self, folder: Path, *, from_start: bool) -> None:
        self._folder = folder
        self._files: dict[str, Metrics] = {}
        self._sealed = SealedFiles(folder)
        if not from_start:
            with mapped("reading", folder):
                self._look()
                for metrics in self._files.values():
                    metrics.file.to_end()

    def read(self) -> Sequence[Sample]:
        """:raises StorageError: a file cannot be read."""
        with mapped("reading", self._folder):
            self._look()
            batches = [[metric for part in file.new() for metric in part] for file in self._files.values()]
        batches = [batch for batch in batches if batch]
        metrics = [metric for batch in batches for metric in batch]
        if len(batches) > 1:
            metrics.sort(key=itemgetter(0))  # stable: of one time, the order of files and lines
        return [sample for metric in metrics for sample in _samples(metric)]

    def _look(self) -> None:
        sealed, known = self._sealed.look(), self._files
        self._files = {
            name: known.get(name) or Metrics(lines_at(self._folder, name, sealed))
            for name in event_files(self._folder, sealed)
        }
        for name, metrics in self._files.items():
            metrics.file = moved(metrics.file, self._folder, name, sealed)


def _samples(metric: Metric) -> list[Sample]:
    return [
        Sample(key, figure, metric.step, metric.ts, metric.stage)
        for key, value in metric.data.items()
        if (figure := number(value)) is not None
    ]
