"""The entry point: exporters, and ``runicorn export``, which writes in the formats of all plugins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.contracts import Exporter

RUNICORN_API = 1


@hookimpl
def register_exporters() -> Iterator[Exporter]:
    from .exports.csv_format import CsvExporter
    from .exports.excel_format import ExcelExporter
    from .exports.html_format import HtmlExporter
    from .exports.json_format import JsonExporter, JsonlExporter
    from .exports.markdown_format import MarkdownExporter
    from .exports.parquet_format import ParquetExporter
    from .exports.tensorboard.exporter import TensorBoardExporter

    yield from (CsvExporter(), JsonExporter(), JsonlExporter(), ParquetExporter(), ExcelExporter())
    yield from (MarkdownExporter(), HtmlExporter(), TensorBoardExporter())


@hookimpl
def register_commands() -> Mapping[str, str]:
    return {"export": "runicorn_exporters.exports.command:export"}
