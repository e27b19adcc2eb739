"""Scalars: as they are logged, as columns, as buckets of a curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from ..types import JSON, FloatColumn, IntColumn
from .run import RunRef


@frozen
class MetricRecord:
    """One ``log()`` call: all its values, numbers or not."""

    ts: float
    step: int
    data: Mapping[str, JSON]
    stage: str | None = None


@frozen
class Series:
    """One key of one run in figures. Min, max and mean are over finite values; None where there are none."""

    key: str
    n: int  # numbers logged, NaN and infinities included
    first_step: int
    last_step: int
    last: float  # may be NaN or infinite
    min: float | None
    min_step: int | None
    max: float | None
    max_step: int | None
    mean: float | None
    n_nan: int
    n_posinf: int
    n_neginf: int
    last_ts: float


@frozen
class KeyColumn:
    """The values of one key. ``rows`` are positions in the table, ascending; None = every row has one."""

    values: FloatColumn
    rows: IntColumn | None = None


@frozen
class RecordTable:
    """Every record (``log()`` call) of one run in columns, ordered by (ts, file, line)."""

    ref: RunRef
    step: IntColumn
    ts: FloatColumn
    stage: Sequence[str | None]  # empty when no record has a stage
    columns: Mapping[str, KeyColumn]
    other: Mapping[str, Mapping[int, JSON]] = field(factory=dict)  # non-numeric values asked for: key -> row -> value


@frozen
class Bucket:
    """What one pixel column of a curve needs. Extremes are exact; nothing here is interpolated."""

    x_first: float  # in the unit of the chosen x: step, or seconds
    x_last: float
    first: float
    min: float  # over finite values; NaN when the bucket has none
    max: float
    last: float
    mean: float
    n: int  # finite values
    n_nan: int
    n_posinf: int
    n_neginf: int


@frozen
class BucketTable:
    """Buckets of several runs and keys on one shared grid, in columns (numpy arrays of one length).

    ``columns`` holds ``run`` and ``key`` (int32 positions in ``runs`` and ``keys``), ``bucket`` (int64 position
    on the grid), ``step_first`` (int64), ``ts_first`` (float64), and the fields of :class:`Bucket`. Rows are
    ordered by (run, key, bucket); an empty bucket has no row. The grid is ``origin + width * bucket``.
    """

    runs: Sequence[RunRef]
    keys: Sequence[str]
    columns: Mapping[str, IntColumn | FloatColumn]
    origin: float
    width: float
    records: Sequence[int]  # records (log() calls) on disk in the range, per run
