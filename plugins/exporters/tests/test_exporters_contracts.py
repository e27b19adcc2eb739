"""This plugin keeps the promises of every plugin, and its formats those of every exporter."""

from __future__ import annotations

import pytest
from runicorn.contracts import Exporter
from runicorn.testing import ExporterContract, PluginContract
from runicorn_exporters.exports.csv_format import CsvExporter
from runicorn_exporters.exports.excel_format import ExcelExporter
from runicorn_exporters.exports.html_format import HtmlExporter
from runicorn_exporters.exports.json_format import JsonExporter, JsonlExporter
from runicorn_exporters.exports.markdown_format import MarkdownExporter
from runicorn_exporters.exports.parquet_format import ParquetExporter
from runicorn_exporters.exports.tensorboard.exporter import TensorBoardExporter


class TestPlugin(PluginContract):
    name = "exporters"
    hooks = frozenset(
        ["register_api", "register_commands", "register_exporters", "register_importers"],
    ) | {"config_schema", "viewer_lifespan", "viewer_panels", "viewer_routes"}


class TestCsv(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Exporter:
        return CsvExporter()


class TestJson(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Exporter:
        return JsonExporter()


class TestJsonl(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Exporter:
        return JsonlExporter()


class TestParquet(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Exporter:
        return ParquetExporter()


class TestExcel(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Exporter:
        return ExcelExporter()


class TestMarkdown(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Exporter:
        return MarkdownExporter()


class TestTensorBoard(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Exporter:
        return TensorBoardExporter()


class TestHtml(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Exporter:
        return HtmlExporter()
