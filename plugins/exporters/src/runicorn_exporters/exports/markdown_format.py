"""Markdown: a report for a pull request, a wiki, a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

from .report import Report, ReportOptions, ReportRun, duration, gather, number, side_by_side

if TYPE_CHECKING:
    from runicorn.contracts import ExportReader

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")


class MarkdownExporter:
    """What was logged stands in it as text: it can make neither tables nor links nor HTML."""

    name = "markdown"
    suffix = ".md"
    media_type = "text/markdown; charset=utf-8"
    options = ReportOptions

    def export(self, reader: ExportReader, out: BinaryIO, options: ReportOptions) -> None:
        for line in _lines(gather(reader, options)):
            out.write(f"{line}\n".encode("utf-8", "replace"))


def _lines(report: Report) -> Iterator[str]:
    yield f"# {plain(report.title)}"
    yield ""
    word = report.word
    yield from _table(
        [word(head) for head in ("run", "status", "started", "took", "tags")],
        [
            [_named(run), word(run.status), _when(run), duration(run.duration_s), ", ".join(run.tags)]
            for run in report.runs
        ],
    )
    for title, rows in side_by_side(report):
        yield from _table(rows[0], rows[1:], title)
    if report.keys:
        yield from _table(
            [word(head) for head in ("metric", "run", "last", "min", "max", "last step")],
            [
                [key, run.title, number(found.last), number(found.min), number(found.max), str(found.last_step)]
                for key in report.keys
                for run in report.runs
                if (found := run.series.get(key)) is not None
            ],
            word("Metrics"),
        )
    for run in report.runs:
        said = [(word("note"), run.note), (word("ended"), run.message)]
        said += [(word(str(a.get("level"))), f"{a.get('title')} {a.get('text') or ''}".strip()) for a in run.alerts]
        if any(text for _, text in said):
            yield f"## {plain(run.title)}"
            yield ""
            yield from (f"- {plain(label)}: {plain(text)}" for label, text in said if text)
            yield ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> Iterator[str]:
    if title:
        yield f"## {title}"
        yield ""
    yield f"| {' | '.join(map(plain, heads))} |"
    yield f"|{'|'.join(['---'] * len(heads))}|"
    for row in rows:
        yield f"| {' | '.join(map(plain, row))} |"
    yield ""


def plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return " ".join(_SPECIAL.sub(r"\\\1", text).split())


def _when(run: ReportRun) -> str:
    return datetime.fromtimestamp(run.created_at, UTC).strftime("%Y-%m-%d %H:%M")


def _named(run: ReportRun) -> str:
    return run.title if run.title == run.id else f"{run.title} ({run.id})"
