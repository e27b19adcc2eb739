"""The entry point: exporters and importers, and ``runicorn export`` and ``import``, which use those of all plugins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.contracts import Exporter, Importer

RUNICORN_API = 1


@hookimpl
def register_exporters() -> Iterator[Exporter]:
    from .archives.writing import ArchiveExporter
    from .exports.csv_format import CsvExporter
    from .exports.excel_format import ExcelExporter
    from .exports.html_format import HtmlExporter
    from .exports.json_format import JsonExporter, JsonlExporter
    from .exports.markdown_format import MarkdownExporter
    from .exports.parquet_format import ParquetExporter
    from .exports.tensorboard.exporter import TensorBoardExporter

    yield from (CsvExporter(), JsonExporter(), JsonlExporter(), ParquetExporter(), ExcelExporter())
    yield from (MarkdownExporter(), HtmlExporter(), TensorBoardExporter(), ArchiveExporter())


@hookimpl
def register_importers() -> Iterator[Importer]:
    from .archives.reading import ArchiveImporter

    yield ArchiveImporter()


@hookimpl
def register_commands() -> Mapping[str, str]:
    return {
        "export": "runicorn_exporters.exports.command:export",
        "import": "runicorn_exporters.imports.command:import_",
    }
