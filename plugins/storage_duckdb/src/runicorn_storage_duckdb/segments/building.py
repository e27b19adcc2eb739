"""Lines into segments that nothing counts yet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from runicorn.security import join

from .keys import MANY_KEYS, key_table
from .layout import SEGMENT_LOG_BYTES, SEGMENT_POINTS, SEGMENT_RECORDS, path_of, write
from .loglines import Logs
from .manifest import KeyCount, SealedStream, Segment, SegmentFile
from .points import Events
from .rollups import rollups


class Building:
    """Writes segments below a run folder. Files that no manifest names are nothing, whenever this stops."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._events, self._logs = Events(), Logs()
        self.segments: list[Segment] = []
        self._written: list[Path] = []

    def add(self, stream: SealedStream, source: str, lines: Sequence[bytes]) -> None:
        """
        :raises OSError: a full segment could not be written.
        """
        if stream == "events":
            self._events.add(source, lines)
        else:
            self._logs.add(source, lines)
        long = self._events.points >= SEGMENT_POINTS or len(self._events) >= SEGMENT_RECORDS
        if long or self._logs.bytes >= SEGMENT_LOG_BYTES:
            self._flush()

    def finish(self) -> Sequence[Segment]:
        """Write what is left.

        :raises OSError: it could not be written.
        """
        if self._events or self._logs:
            self._flush()
        return self.segments

    def discard(self) -> None:
        """Remove what was written."""
        for path in self._written:
            path.unlink(missing_ok=True)
        remove_empty(self._folder)

    def _flush(self) -> None:
        events, logs = self._events, self._logs
        self._events, self._logs = Events(), Logs()
        segment = os.urandom(4).hex()
        files: list[SegmentFile] = []
        keys: dict[str, KeyCount] = {}
        if events:
            records, points, keys = events.tables()
            files.append(self._write("records", segment, records))
            if len(points):
                files.append(self._write("points", segment, points))
                if len(keys) > MANY_KEYS:
                    files.append(self._write("keys", segment, key_table(keys)))
                    keys = {}
                coarse = rollups(records, points)
                if coarse is not None:
                    files.append(self._write("rollups", segment, coarse))
        if logs:
            files.append(self._write("logs", segment, logs.table()))
        first_step, last_step = events.bounds()
        self.segments.append(
            Segment(
                id=segment,
                files=tuple(files),
                records=len(events),
                points=events.points,
                irregular=events.irregular,
                log_lines=len(logs),
                first_step=first_step,
                last_step=last_step,
                keys=keys,
            )
        )

    def _write(self, kind: str, segment: str, table: Any) -> SegmentFile:
        relative = path_of(kind, segment)
        path = join(self._folder, relative)
        path.parent.mkdir(exist_ok=True)
        self._written.append(path)
        write(path, kind, table)
        digest = sha256()
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            os.fsync(descriptor)
            while piece := os.read(descriptor, 1 << 20):
                digest.update(piece)
            size = os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)
        return SegmentFile(relative, len(table), size, digest.hexdigest())


def remove_empty(folder: Path) -> None:
    """Remove the folders of segments where nothing is in them."""
    for name in ("metrics", "logs"):
        place = folder / name
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()
