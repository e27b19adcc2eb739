"""HTML: a report in one file, with curves. No script, nothing from elsewhere, everything escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, BinaryIO

from runicorn.errors import MissingDependency

from .curves import MOST_RUNS, Curve, chart, read_curves
from .report import Report, ReportOptions, ReportRun, duration, gather, number, side_by_side

if TYPE_CHECKING:
    from runicorn.contracts import ExportReader

    from .report_words import Words

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
#: The palette of the viewer: light, dark.
COLORS = (
    ("#5691f5", "#4175cc"), ("#a54900", "#e68d5b"), ("#237361", "#74b7a4"), ("#7945b3", "#b588f0"),
    ("#909855", "#737b40"), ("#2e386b", "#b8c8ff"), ("#c36fac", "#a0578c"), ("#4d3e00", "#ebdba6"),
)  # fmt: skip


class HtmlExporter:
    """One file that can be sent and opened anywhere, in light and dark."""

    name = "html"
    suffix = ".html"
    media_type = "text/html; charset=utf-8"
    options = ReportOptions

    def export(self, reader: ExportReader, out: BinaryIO, options: ReportOptions) -> None:
        report = gather(reader, options)
        try:
            curves = read_curves(reader, report.runs, report.keys)
        except ImportError as error:
            raise MissingDependency("drawing curves", "'runicorn-exporters[html]'") from error
        for part in _document(report, curves):
            out.write(part.encode("utf-8", "replace"))


def _document(report: Report, curves: Mapping[str, Sequence[tuple[int, Curve]]]) -> Iterator[str]:
    word = report.word
    colors = "".join(
        f".c{n}{{stroke:light-dark({light},{dark})}}.k.c{n}{{background:light-dark({light},{dark})}}"
        for n, (light, dark) in enumerate(COLORS)
    )
    style = (files(__package__) / "report.css").read_text(encoding="utf-8")
    yield (
        f'<!doctype html><html lang="{report.language}"><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(report.title)}</title>'
        f"<style>{style}{colors}</style><h1>{escape(report.title)}</h1>"
    )
    yield _runs(report)
    if report.keys:
        yield f"<h2>{word('Curves')}</h2>"
        if len(report.runs) > MOST_RUNS:
            said = word("of the first {drawn} of {runs} runs").format(drawn=MOST_RUNS, runs=len(report.runs))
            yield f'<p class="soft">{said}</p>'
        yield "<div>"
        for key in report.keys:
            yield chart(key, report.runs, curves.get(key, ()), word("no finite value"))
        yield "</div>"
        heads = ("metric", "run", "last", "min", "max", "last step")
        yield _table(word("Metrics"), [word(head) for head in heads], _metrics(report), 2)
    for title, rows in side_by_side(report):
        yield _table(title, rows[0], rows[1:])
    for run in report.runs:
        yield _said(run, word)
    yield "</html>\n"


def _runs(report: Report) -> str:
    rows = []
    for n, run in enumerate(report.runs):
        when = datetime.fromtimestamp(run.created_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
        cells = [run.id, run.project, report.word(run.status), when, duration(run.duration_s), ", ".join(run.tags)]
        mark = f'<span class="k c{n % len(COLORS)}"></span>'
        rest = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        rows.append(f"<tr><td>{mark}{escape(run.title)}</td>{rest}</tr>")
    heads = "".join(
        f"<th>{report.word(head)}</th>" for head in ("run", "id", "project", "status", "started", "took", "tags")
    )
    return f'<div class="wide"><table><thead><tr>{heads}</tr></thead>{"".join(rows)}</table></div>'


def _metrics(report: Report) -> list[list[str]]:
    return [
        [key, run.title, number(found.last), number(found.min), number(found.max), str(found.last_step)]
        for key in report.keys
        for run in report.runs
        if (found := run.series.get(key)) is not None
    ]


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers_from: int = 99) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join(
        "<tr>" + "".join(_cell(cell, n >= numbers_from) for n, cell in enumerate(row)) + "</tr>" for row in rows
    )
    return f'<h2>{escape(title)}</h2><div class="wide"><table><thead><tr>{head}</tr></thead>{body}</table></div>'


def _cell(text: str, right: bool) -> str:
    return f'<td class="n">{escape(text)}</td>' if right else f"<td>{escape(text)}</td>"


def _said(run: ReportRun, word: Words) -> str:
    parts = []
    if run.note:
        parts.append(f"<pre>{escape(run.note)}</pre>")
    if run.message:
        parts.append(f'<p class="bad">{escape(run.message)}</p>')
    for alert in run.alerts:
        text = f"{alert.get('title')} {alert.get('text') or ''}".strip()
        parts.append(f'<p><span class="bad">{escape(word(str(alert.get("level"))))}</span> {escape(text)}</p>')
    return f"<h2>{escape(run.title)}</h2>{''.join(parts)}" if parts else ""
