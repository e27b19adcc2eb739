"""CSV: one line for each step (wide) or for each value (long)."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from itertools import chain, groupby
from pathlib import Path
from typing import Literal

from attrs import field, frozen
from runicorn.contracts import RunHead, RunSink, RunSource
from runicorn.errors import ImportProblem

from .columns import Columns, Row, find_columns

_MOST_FIELD = 16 << 20  # characters, as of one line of a run
_MOST_HELD = 1_000_000  # cells of runs whose lines are mixed
_COMMA = re.compile(r"\s*[-+]?\d+,\d+(?:[eE][-+]?\d+)?\s*")
_DOUBTFUL = 0.1  # by its name it is one: what is wrong with it is told


@frozen
class CsvOptions:
    """Which columns mean what; empty: as they are usually called, in any case."""

    layout: Literal["auto", "wide", "long"] = "auto"
    run: str = ""  # run, run_id, run_name, experiment
    step: str = ""  # step, _step, global_step, iteration, iter, epoch
    time: str = ""  # ts, time, timestamp, _timestamp, wall_time, date: Unix seconds, or ISO 8601
    key: str = ""  # key, metric, tag, name: of the long layout
    value: str = ""  # value: of the long layout
    delimiter: str = field(default="")  # a character; empty: what fits the first line
    encoding: str = ""  # e.g. latin-1, gbk; empty: UTF-8, or UTF-16 where it begins with its mark


class CsvImporter:
    """Reads what ``runicorn export --format csv`` writes, what other tools write, what people write."""

    name = "csv"
    title = "tables as text (.csv, .tsv)"
    options = CsvOptions

    def sniff(self, path: Path) -> float:
        if path.suffix.lower() not in (".csv", ".tsv") or not path.is_file():
            return 0.0
        try:
            table = _Table(path, CsvOptions())
            return 0.6 if any(cell for cell in next(table.rows(), ())) else _DOUBTFUL
        except ImportProblem:
            return _DOUBTFUL

    def read(self, path: Path, options: CsvOptions) -> Iterator[RunSource]:
        if not path.is_file():
            raise ImportProblem(str(path), "is no file")
        table = _Table(path, options)
        lines: dict[str, int] = {}
        blocks = 0
        for name, rows in groupby(table.rows(), table.columns.run_of):
            blocks += 1
            lines[name] = lines.get(name, 0) + sum(1 for _ in rows)
        if table.cut_off and not lines:
            raise ImportProblem(str(path), "has a quotation mark that is not closed in its first line of values")
        if blocks == len(lines):  # each run stands in one piece: the file is read once for all
            for name, rows in groupby(table.rows(), table.columns.run_of):
                yield _CsvRun(table, name, rows)
            return
        for names in _at_once(lines, max(1, _MOST_HELD // table.columns.width)):
            if len(names) == 1:  # it may be long
                yield _CsvRun(table, names[0], (row for row in table.rows() if table.columns.run_of(row) == names[0]))
                continue
            held: dict[str, list[Row]] = {name: [] for name in names}
            for row in table.rows():
                if (those := held.get(table.columns.run_of(row))) is not None:
                    those.append(row)
            for name in names:
                yield _CsvRun(table, name, iter(held.pop(name)))


def _at_once(lines: Mapping[str, int], most: int) -> Iterator[list[str]]:
    """The runs whose lines are gathered in one reading of the file.

    :param lines: how many each run has.
    :param most: of all that are gathered.
    """
    names: list[str] = []
    held = 0
    for name, count in lines.items():
        if names and held + count > most:
            yield names
            names, held = [], 0
        names.append(name)
        held += count
    if names:
        yield names


def _pointed(cell: str) -> str:
    """Where fields are parted with semicolons, the comma of a number is its point."""
    return cell.replace(",", ".") if _COMMA.fullmatch(cell) else cell


def _encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        return "utf-16" if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


class _Table:
    """A file, and what its columns are."""

    def __init__(self, path: Path, options: CsvOptions) -> None:
        self.path = path
        self._encoding = options.encoding or _encoding_of(path)
        try:
            with path.open(encoding=self._encoding, newline="") as file:
                first = next((line for line in file if line.strip()), "")
                delimiter = "\t" if options.delimiter == "\\t" else options.delimiter
                if len(delimiter) > 1:
                    raise ImportProblem(str(path), f"delimiter {delimiter!r} is more than one character")
                self._delimiter = delimiter or max(",;\t|", key=first.count)
                self._head = next(csv.reader(chain([first], file), delimiter=self._delimiter), [])
        except csv.Error as error:
            raise ImportProblem(str(path), f"its first line cannot be read: {error}") from error
        except UnicodeError as error:
            hint = "say which encoding it has, e.g. --option encoding=latin-1 or encoding=gbk"
            raise ImportProblem(
                str(path), f"is no text in {self._encoding.removesuffix('-sig').upper()}; {hint}"
            ) from error
        except LookupError as error:
            raise ImportProblem(str(path), f"encoding {options.encoding!r} is not known") from error
        if len(self._head) < 2 or not all(isinstance(name, str) for name in self._head):
            why = "is empty" if not first else "has no line of column names, or one column only"
            raise ImportProblem(str(path), f"{why}; give a line of names, such as step,loss, and lines of values")
        self.columns: Columns = find_columns(self._head, options, path)
        self.size = path.stat().st_size
        self.cut_off = 0  # lines that the last reading has left out, as no field holds them

    def rows(self) -> Iterator[Row]:
        """The last one is left out where its quotation mark is not closed: it would hold all that follows as one text.

        :raises ImportProblem: the file is no CSV.
        """
        csv.field_size_limit(_MOST_FIELD)
        self.cut_off = 0
        ended = False
        with self.path.open(encoding=self._encoding, newline="") as file:

            def lines() -> Iterator[str]:
                nonlocal ended
                yield from file
                ended = True

            reader = csv.reader(lines(), delimiter=self._delimiter)
            try:
                next((row for row in reader if "".join(row).strip()), None)
                before = reader.line_num
                for row in reader:
                    if ended:  # more was looked for
                        self.cut_off = reader.line_num - before
                    elif row:
                        yield [_pointed(cell) for cell in row] if self._delimiter == ";" else row
                    before = reader.line_num
            except (csv.Error, UnicodeError) as error:
                raise ImportProblem(str(self.path), f"line {reader.line_num + 1} cannot be read: {error}") from error

    @cached_property
    def state(self) -> str:
        """What changes when any value of it does: people correct tables."""
        digest = sha256()
        with self.path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        return f"{self.size} {digest.hexdigest()[:16]}"

    @cached_property
    def mark(self) -> str:
        """What tells this table from another one of the same name."""
        first = next(self.rows(), [])
        return sha256("\n".join([*self._head, *first]).encode()).hexdigest()[:12]


class _CsvRun:
    def __init__(self, table: _Table, name: str, rows: Iterator[Row]) -> None:
        self._table, self._rows = table, rows
        stem = table.path.stem
        self.head = RunHead(
            source=f"{table.path.name}:{table.mark}:{name}",
            project=stem,
            id=name or stem,
            created_at=table.path.stat().st_mtime,
            size=table.size,
            state=table.state,
            origin={"file": table.path.name},
        )

    def read(self, sink: RunSink) -> None:
        first = last = 0.0
        waiting = 0
        for number, row in enumerate(self._rows):
            record = self._table.columns.record(row, number, self.head.created_at)
            for what in record.omitted:
                sink.left_out(what)
            if record.data:
                sink.metrics(record.data, step=record.step, ts=record.ts, stage=record.stage)
                first, last = first or record.ts, max(last, record.ts)
            waiting += sum(map(len, row)) + len(row)
            if waiting > 1 << 18:
                sink.advance(waiting)
                waiting = 0
        sink.left_out("lines behind a quotation mark that is not closed", self._table.cut_off)
        self._table.cut_off = 0
        sink.advance(waiting)
        if last:
            sink.document("status", {"started_at": first, "ended_at": last})
