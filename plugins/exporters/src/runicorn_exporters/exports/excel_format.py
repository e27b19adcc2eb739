"""Excel: a sheet with the runs, and their numbers in one sheet for each run or in one long sheet."""

from __future__ import annotations

import datetime
import math
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from attrs import frozen
from runicorn.errors import InvalidArgument, MissingDependency
from runicorn.serialize import dumps

from .csv_format import long_rows, wide_rows

if TYPE_CHECKING:
    from runicorn.contracts import ExportReader, RunReader
    from runicorn.model.metric import RecordTable

#: What the format allows.
MOST_ROWS, MOST_COLUMNS, MOST_TEXT = 1_048_576, 16_384, 32_767
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")


@frozen
class ExcelOptions:
    """What can be chosen."""

    layout: Literal["sheets", "long"] = "sheets"  # a sheet for each run, or one with a row for each value
    keys: tuple[str, ...] = ()  # none: all


class ExcelExporter:
    """NaN and infinities are texts: Excel has no such numbers. More rows than a sheet holds go on in a next one."""

    name = "excel"
    suffix = ".xlsx"
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    options = ExcelOptions

    def export(self, reader: ExportReader, out: BinaryIO, options: ExcelOptions) -> None:
        try:
            import xlsxwriter
        except ImportError as error:
            raise MissingDependency("exporting Excel", "'runicorn-exporters[excel]'") from error
        tables = reader.pieces(options.keys or None)
        settings = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        # Into a file first: the library writes when it is closed, and once more if that fails.
        with tempfile.TemporaryFile() as whole:
            try:
                self._write(xlsxwriter.Workbook(whole, settings), reader.runs, tables, options)
            except xlsxwriter.exceptions.FileCreateError as error:
                raise error.args[0] from None  # what the system said
            whole.seek(0)
            shutil.copyfileobj(whole, out)

    def _write(
        self,
        workbook: Any,
        runs: Sequence[RunReader],
        pieces: Sequence[Iterable[RecordTable]],
        options: ExcelOptions,
    ) -> None:
        with workbook as book:
            # The same runs give the same bytes: the day of an export is in the file's date, not inside of it.
            book.set_properties({"created": datetime.datetime(2000, 1, 1)})
            sheets = _Sheets(book, book.add_format({"bold": True}))
            sheets.write("runs", _run_rows(runs))
            if options.layout == "long":
                sheets.write("values", long_rows(chain.from_iterable(pieces)))
                return
            for run, tables in zip(runs, pieces, strict=True):
                keys = [each.key for each in run.series() if not options.keys or each.key in options.keys]
                sheets.write(run.record.ref.id, (row[1:] for row in wide_rows(tables, keys)))


class _Sheets:
    """Writes rows into as many sheets as they need."""

    def __init__(self, book: Any, head: Any) -> None:
        """
        :param head: the format of the first row.
        """
        self._book, self._head = book, head
        self._taken = {"history"}  # which Excel keeps for itself, and calls a file with it damaged

    def write(self, name: str, rows: Iterator[Sequence[object]]) -> None:
        heads = next(rows)
        if len(heads) > MOST_COLUMNS:
            why = f"names {len(heads)} columns and a sheet has {MOST_COLUMNS}; choose some, or layout=long"
            raise InvalidArgument("keys", "all", why)
        sheet, at = self._sheet(name, heads), 0
        for row in rows:
            at += 1
            if at == MOST_ROWS:
                sheet, at = self._sheet(name, heads), 1
            for column, value in enumerate(row):
                if value not in ("", None):
                    sheet.write(at, column, value[:MOST_TEXT] if isinstance(value, str) else value)

    def _sheet(self, name: str, heads: Sequence[object]) -> Any:
        sheet = self._book.add_worksheet(self._name(name))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(0, len(heads) - 1), 16)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, str(head)[:MOST_TEXT], self._head)
        return sheet

    def _name(self, wanted: str) -> str:
        """At most 31 characters, none of ``[]:*?/\\'``, and no other sheet's."""
        plain = _NOT_IN_A_NAME.sub("_", wanted).strip() or "sheet"
        name, n = plain[:31], 1
        while name.lower() in self._taken:
            n += 1
            name = f"{plain[: 31 - len(f' ({n})')]} ({n})"
        self._taken.add(name.lower())
        return name


def _run_rows(runs: Sequence[RunReader]) -> Iterator[list[object]]:
    params = [run.read("params") for run in runs]
    names = sorted({name for each in params for name in each})
    summaries = sorted({name for run in runs for name in run.record.summary})
    heads = ["run", "project", "name", "status", "created_at", "duration_s", "host", "tags", "note"]
    yield [*heads, *(f"params.{name}" for name in names), *(f"summary.{name}" for name in summaries)]
    for run, own in zip(runs, params, strict=True):
        record = run.record
        yield [
            record.ref.id,
            record.ref.project,
            record.ref.name,
            record.status,
            record.created_at,
            record.duration_s,
            record.hostname,
            ", ".join(record.tags),
            record.note,
            *(_cell(own.get(name)) for name in names),
            *(_cell(record.summary.get(name)) for name in summaries),
        ]


def _cell(value: object) -> object:
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (int, float)) and math.isfinite(value) and abs(value) < 1e15:
        return value
    return str(value) if isinstance(value, (int, float)) else dumps(value).decode()
