"""The files of system metrics of one run, in columns, read on as they grow."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from runicorn.model.system import SystemSeries
from runicorn.serialize import number

from .growing import GrowingFile, names_below
from .records import parse


class _File:
    """One of them. Half a line at the end waits until it is whole."""

    def __init__(self, path: Path) -> None:
        self._file = GrowingFile(path)
        self._generation = 0
        self.columns: dict[tuple[str, str], tuple[array[float], array[float]]] = {}  # (key, host) -> times, values

    def refresh(self) -> None:
        for piece in self._file.pieces():
            self._notice_replacement()
            for record in parse(piece)[0]:
                self._add(record)
        self._notice_replacement()

    def _notice_replacement(self) -> None:
        if self._file.generation != self._generation:
            self._generation = self._file.generation
            self.columns = {}

    def _add(self, record: Any) -> None:
        if not isinstance(record, dict) or record.get("type") != "system":
            return
        ts, data, host = number(record.get("ts")), record.get("data"), record.get("host")
        if ts is None or not math.isfinite(ts) or not isinstance(data, dict):
            return
        for key, value in data.items():
            figure = number(value)
            if figure is not None:
                place = (key, host if isinstance(host, str) else "")
                times, values = self.columns.setdefault(place, (array("d"), array("d")))
                times.append(ts)
                values.append(figure)


class SystemFiles:
    """All of them. One thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _File] = {}

    @property
    def size(self) -> int:
        """Bytes of parsed columns."""
        return sum(16 * len(times) for file in self._files.values() for times, _ in file.columns.values())

    def refresh(self) -> None:
        """Read what is new."""
        names = [name for name in names_below(self._folder) if is_system_file(name)]
        self._files = {name: self._files.get(name) or _File(self._folder / name) for name in names}
        for file in self._files.values():
            file.refresh()

    def series(self, keys: Sequence[str] | None) -> list[SystemSeries]:
        wanted = None if keys is None else set(keys)
        parts: dict[tuple[str, str], list[tuple[array[float], array[float]]]] = {}
        for file in self._files.values():
            for place, columns in file.columns.items():
                if wanted is None or place[0] in wanted:
                    parts.setdefault(place, []).append(columns)
        return [SystemSeries(*place, *_merged(parts[place])) for place in sorted(parts)]


def _merged(parts: list[tuple[array[float], array[float]]]) -> tuple[array[float], array[float]]:
    """One copy of all parts, in the order of time."""
    times, values = array("d"), array("d")
    for one, other in parts:
        times.extend(one)
        values.extend(other)
    if any(later < earlier for earlier, later in pairwise(times)):
        order = sorted(range(len(times)), key=times.__getitem__)  # stable
        times, values = array("d", (times[i] for i in order)), array("d", (values[i] for i in order))
    return times, values


def is_system_file(name: str) -> bool:
    return name == "system.jsonl" or (name.startswith("system-") and name.endswith(".jsonl"))
