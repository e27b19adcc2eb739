"""This plugin keeps the promises of every plugin, and its formats those of every exporter."""

from __future__ import annotations

import pytest
from runicorn.contracts import Exporter
from runicorn.testing import ExporterContract, PluginContract
from runicorn_exporters.csv_format import CsvExporter
from runicorn_exporters.json_format import JsonExporter


class TestPlugin(PluginContract):
    name = "exporters"
    hooks = frozenset(["register_commands", "register_exporters"])


class TestCsv(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Exporter:
        return CsvExporter()


class TestJson(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Exporter:
        return JsonExporter()
