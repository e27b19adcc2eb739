"""What a report says, whatever it is written in: runs side by side, what differs, how each metric went."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import frozen
from runicorn.serialize import dumps

if TYPE_CHECKING:
    from runicorn.contracts import ExportReader
    from runicorn.model.metric import Series
    from runicorn.types import JSON


@frozen
class ReportOptions:
    """What can be chosen."""

    title: str = "Runicorn report"
    keys: tuple[str, ...] = ()  # none: all


@frozen
class ReportRun:
    id: str
    title: str
    project: str
    status: str
    created_at: float
    duration_s: float | None
    tags: tuple[str, ...]
    note: str
    params: Mapping[str, JSON]
    summary: Mapping[str, JSON]
    series: Mapping[str, Series]
    alerts: Sequence[Mapping[str, JSON]]
    message: str  # why it ended, when it did not just finish


@frozen
class Report:
    title: str
    runs: Sequence[ReportRun]
    keys: Sequence[str]
    differing: Sequence[str]  # parameters that are not the same in all runs
    common: Sequence[str]


def gather(reader: ExportReader, options: ReportOptions) -> Report:
    names = [run.record.display_name or run.record.ref.name for run in reader.runs]
    often = Counter(names)
    runs = []
    for run, name in zip(reader.runs, names, strict=True):
        record = run.record
        series = {each.key: each for each in run.series() if not options.keys or each.key in options.keys}
        runs.append(
            ReportRun(
                record.ref.id,
                name if often[name] == 1 else record.ref.id,
                f"{record.ref.project}/{record.ref.name}",
                record.status,
                record.created_at,
                record.duration_s,
                record.tags,
                record.note,
                flat(run.read("params")),
                dict(record.summary),
                series,
                list(run.alerts()),
                str((record.exit or {}).get("message") or ""),
            )
        )
    differing, common = _compared([run.params for run in runs])
    return Report(options.title, runs, sorted({key for run in runs for key in run.series}), differing, common)


def _compared(params: Sequence[Mapping[str, JSON]]) -> tuple[list[str], list[str]]:
    """Parameters that are not the same everywhere, and those that are."""
    names = sorted({name for one in params for name in one})
    texts = {name: {text_of(one.get(name)) for one in params} for name in names}
    return [name for name in names if len(texts[name]) > 1], [name for name in names if len(texts[name]) == 1]


def flat(params: Mapping[str, JSON], prefix: str = "") -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    for name, value in params.items():
        if isinstance(value, Mapping) and value:
            found.update(flat(value, f"{prefix}{name}."))
        else:
            found[f"{prefix}{name}"] = value
    return found


def text_of(value: object) -> str:
    """A value for people."""
    if value is None:
        return ""
    if isinstance(value, (bool, int, str)):
        return str(value)
    if isinstance(value, float):
        return number(value)
    return dumps(value).decode()


def number(value: float | None) -> str:
    """Six digits, as curves are read."""
    if value is None:
        return ""
    return f"{value:.6g}" if math.isfinite(value) else "NaN" if value != value else "Inf" if value > 0 else "-Inf"


def duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
