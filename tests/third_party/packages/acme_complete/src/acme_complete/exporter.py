"""Runs as YAML, as far as the test needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen

if TYPE_CHECKING:
    from runicorn.contracts import ExportReader


@frozen
class YamlOptions:
    """What can be chosen."""

    indent: int = 2


class YamlExporter:
    name, suffix, media_type, options = "yaml", ".yaml", "application/yaml", YamlOptions

    def export(self, reader: ExportReader, out: BinaryIO, options: YamlOptions) -> None:
        for run in reader.runs:
            out.write(f"{run.record.ref.id}:\n".encode())
            for series in run.series():
                out.write(f"{' ' * options.indent}{series.key}: {series.last}\n".encode())
