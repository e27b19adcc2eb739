"""The entry point: exporters and importers, the commands and addresses that use those of all plugins, and the jobs that
long ones become."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from runicorn.contracts import Exporter, Importer, Viewer
    from runicorn.contracts.panels import Static

    from .settings import ExportersSection

RUNICORN_API = 1


@hookimpl
def config_schema() -> type[ExportersSection]:
    from .settings import ExportersSection

    return ExportersSection


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
    from .imports.csv.importer import CsvImporter
    from .imports.mlflow.importer import MlflowImporter
    from .imports.roots.importer import RootImporter
    from .imports.tensorboard.importer import TensorBoardImporter
    from .imports.wandb.importer import WandbImporter

    yield from (ArchiveImporter(), RootImporter(), WandbImporter(), MlflowImporter(), TensorBoardImporter())
    yield CsvImporter()


@hookimpl
def register_api() -> Mapping[str, str]:
    return {"ManifestGenerator": "runicorn_exporters.manifest.generator:ManifestGenerator"}


@hookimpl
def register_commands() -> Mapping[str, str]:
    return {
        "export": "runicorn_exporters.exports.command:export",
        "import": "runicorn_exporters.imports.command:import_",
        "manifest": "runicorn_exporters.manifest.command:manifest",
        "sync": "runicorn_exporters.sync.command:sync",
    }


@hookimpl
def viewer_routes(viewer: Viewer) -> Iterable[Any]:
    from .exports.routes import routes as exports
    from .imports.routes import routes as imports
    from .jobs.routes import routes as jobs

    return [*exports(viewer), *imports(viewer), *jobs(viewer)]


@hookimpl
def viewer_panels() -> Iterator[Static]:
    from pathlib import Path

    from runicorn.contracts.panels import Page, Static

    yield Static(
        Path(__file__).parent / "static",
        pages=(Page("exporters.import", "/import", "Import", titles={"zh-CN": "导入"}),),
    )


@hookimpl
def viewer_lifespan(viewer: Viewer) -> AbstractAsyncContextManager[None]:
    from .jobs.jobs import while_it_serves

    return while_it_serves(viewer)
