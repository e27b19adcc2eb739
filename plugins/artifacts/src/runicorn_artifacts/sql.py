"""Stages and aliases for SQL, beside the versions that runs made and used: they change later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .opening import open_repository

if TYPE_CHECKING:
    from runicorn.contracts.sql import SqlType


class ArtifactColumns:
    """``stage`` and ``aliases`` of the view ``artifacts``."""

    name = "artifacts"
    columns: Mapping[str, SqlType] = {
        "type": "text", "name": "text", "version": "integer", "stage": "text", "aliases": "texts",
    }  # fmt: skip
    beside: Sequence[str] = ("type", "name", "version")

    def rows(self, root: Path) -> Iterable[Sequence[object]]:
        repository = open_repository(root)
        for name in repository.names():
            for version in repository.versions(name, deleted=True):
                yield name.type, name.name, version.number, version.state.stage, list(version.aliases)
