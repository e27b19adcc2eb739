"""What a report says, whatever it is written in: runs side by side, what differs, how each metric went."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from attrs import frozen
from runicorn.hooks import plugin_section
from runicorn.serialize import dumps

from ..settings import ExportersSection
from .report_words import Language, Words, words

if TYPE_CHECKING:
    from runicorn.contracts import ExportReader
    from runicorn.model.metric import Series
    from runicorn.types import JSON


@frozen
class ReportOptions:
    """What can be chosen."""

    title: str = "Runicorn report"
    keys: tuple[str, ...] = ()  # none: all
    language: Literal["auto", "en", "zh-CN"] = "auto"  # auto: as configured


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
    summaries: Sequence[str]  # names in the summaries
    language: Language
    word: Words


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
                flat(record.summary),
                series,
                list(run.alerts()),
                str((record.exit or {}).get("message") or ""),
            )
        )
    differing, common = _compared([run.params for run in runs])
    language = options.language
    if language == "auto":
        language = plugin_section("exporters", ExportersSection).report_language
    word = words(language)
    keys = sorted({key for run in runs for key in run.series})
    summaries = sorted({name for run in runs for name in run.summary})
    title = word(options.title) if options.title == ReportOptions().title else options.title
    return Report(title, runs, keys, differing, common, summaries, language, word)


def _compared(params: Sequence[Mapping[str, JSON]]) -> tuple[list[str], list[str]]:
    """Parameters that are not the same everywhere, and those that are."""
    names = sorted({name for one in params for name in one})
    texts = {name: {text_of(one.get(name)) for one in params} for name in names}
    return [name for name in names if len(texts[name]) > 1], [name for name in names if len(texts[name]) == 1]


def side_by_side(report: Report) -> Iterator[tuple[str, list[list[str]]]]:
    """Parameters and summaries as tables with a column for each run: their titles, and their rows, the head first."""
    word, titles = report.word, [run.title for run in report.runs]
    for title, names in (("Parameters that differ", report.differing), ("Parameters that are the same", report.common)):
        if names:
            rows = [[name, *(text_of(run.params.get(name)) for run in report.runs)] for name in names]
            yield word(title), [[word("parameter"), *titles], *rows]
    if report.summaries:
        rows = [[name, *(text_of(run.summary.get(name)) for run in report.runs)] for name in report.summaries]
        yield word("Summary"), [[word("value"), *titles], *rows]


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
