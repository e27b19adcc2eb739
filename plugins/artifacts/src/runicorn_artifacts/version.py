"""One version of an artifact, as it is now."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen
from runicorn.types import JSON, JSONObject

from .history import VersionState
from .manifest import Link, VersionRecord
from .names import Name


@frozen
class Version:
    """What was committed, and what has become of it."""

    record: VersionRecord
    state: VersionState
    aliases: tuple[str, ...] = ()  # ``latest`` among them
    older: Path | None = None  # the folder of a version that Runicorn 0.5 or 0.7 wrote

    @property
    def of(self) -> Name:
        return Name(self.record.type, self.record.name)

    @property
    def link(self) -> Link:
        return self.record.link

    @property
    def number(self) -> int:
        return self.record.version

    @property
    def deleted(self) -> bool:
        return self.state.deleted_at is not None

    @property
    def description(self) -> str:
        return self.record.description if self.state.description is None else self.state.description

    @property
    def metadata(self) -> JSONObject:
        return self.record.metadata if self.state.metadata is None else self.state.metadata

    @property
    def tags(self) -> tuple[str, ...]:
        return self.record.tags if self.state.tags is None else self.state.tags

    def __str__(self) -> str:
        return str(self.link)

    def document(self) -> dict[str, JSON]:
        """Everything that is known about it but its files, as JSON."""
        record, state, run = self.record, self.state, self.record.run
        return {
            "name": record.name,
            "type": record.type,
            "version": record.version,
            "created_at": record.created_at,
            "digest": record.manifest,
            "size": record.size,
            "files": record.files,
            "references": record.references,
            "run": None if run is None else {"id": run.id, "project": run.project, "name": run.name},
            "parents": [{"type": each.type, "name": each.name, "version": each.version} for each in record.parents],
            "user": record.user,
            "description": self.description,
            "metadata": self.metadata,
            "tags": list(self.tags),
            "aliases": list(self.aliases),
            "stage": state.stage,
            "transitions": list(state.transitions),
            "evaluations": list(state.evaluations),
            "deleted_at": state.deleted_at,
            "format": "runicorn" if self.older is None else "runicorn-0.5",
        }
