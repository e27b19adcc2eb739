"""What a run's event files told since somebody looked last, in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from ..types import JSON, FloatColumn, IntColumn
from .metric import KeyColumn


@frozen
class RecordBlock:
    """Some ``log()`` calls of one file in the order of its lines, and the other records between them.

    Of records that carry the same time, the one with the lower ``(file, line)`` comes first.
    """

    file: int  # place of the file among those of the run
    line: int  # place of the first ``log()`` call among those of the file
    step: IntColumn
    ts: FloatColumn
    stage: Sequence[str | None]  # empty when no record has a stage
    columns: Mapping[str, KeyColumn]
    other: Mapping[str, Mapping[int, JSON]] = field(factory=dict)  # values that are no numbers: key -> row -> value
    events: Sequence[Mapping[str, JSON]] = ()  # records of other types: media, alerts
