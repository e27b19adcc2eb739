"""The entry point: exporters for CSV and JSON, and ``runicorn export``, which writes in the formats of all plugins."""

from collections.abc import Iterator, Mapping

from runicorn.contracts import Exporter
from runicorn.hookspecs import hookimpl

RUNICORN_API = 1


@hookimpl
def register_exporters() -> Iterator[Exporter]:
    from .csv_format import CsvExporter
    from .json_format import JsonExporter

    yield from (CsvExporter(), JsonExporter())


@hookimpl
def register_commands() -> Mapping[str, str]:
    return {"export": "runicorn_exporters.command:export"}
