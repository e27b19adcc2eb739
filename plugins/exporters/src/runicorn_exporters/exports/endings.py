"""Endings of file names: which format, and which of its kinds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runicorn.contracts import Exporter


def ending_of(exporter: Exporter, path: Path) -> str | None:
    """The ending of the file's name, where it is one of the exporter's."""
    endings = [exporter.suffix, *_suffixes(exporter)]
    return next((ending for ending in endings if path.name.endswith(ending)), None)


def meant_by(exporter: Exporter, path: Path | None) -> dict[str, str]:
    """The options that the ending of the file's name stands for."""
    ending = None if path is None else ending_of(exporter, path)
    return {} if ending is None else dict(_suffixes(exporter).get(ending, {}))


def suffix_for(exporter: Exporter, options: Mapping[str, object]) -> str:
    """The ending of a file that is made with these options."""
    fitting = (end for end, meant in _suffixes(exporter).items() if meant.items() <= options.items())
    return next(fitting, exporter.suffix)


def _suffixes(exporter: Exporter) -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = getattr(exporter, "suffixes", {})
    return found
