"""What runs carry beside scalars: log lines, media records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from ..types import JSON


@frozen
class LogLine:
    """One line of a run's log. ``n`` counts from 0 over all log files of the run."""

    n: int
    time: float | None  # Unix seconds; None where an older folder has only a time of day
    stream: str  # stdout, stderr, text, log
    level: str | None  # of stream "log"
    text: str


@frozen
class LogPage:
    lines: Sequence[LogLine]
    next_offset: int  # pass it as ``offset`` to go on
    size: int  # lines in the log when it was read


@frozen
class MediaRecord:
    """One logged file: an image, later audio, tables and so on."""

    key: str
    kind: str
    step: int | None
    ts: float
    path: str  # relative to the run folder
    fields: Mapping[str, JSON] = field(factory=dict)  # caption, width, height, ...
