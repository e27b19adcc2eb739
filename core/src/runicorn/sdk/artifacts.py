"""Which versions of artifacts a run committed and used: its document ``artifacts.json``."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model.artifact import ArtifactLink
    from ..types import JSON, JSONObject

Role: TypeAlias = Literal["created", "used"]


class RunArtifacts:
    """What this process noted. Any thread."""

    def __init__(self, before: Mapping[str, JSON]) -> None:
        """
        :param before: the document, as a resumed run finds it.
        """
        self._noted: list[tuple[Role, dict[str, JSON]]] = [("used", entry) for entry in _entries(before.get("used"))]

    @property
    def used(self) -> list[ArtifactLink]:
        """What was used, by earlier processes of the run too, in the order of time."""
        from ..model.artifact import ArtifactLink

        found: dict[ArtifactLink, None] = {}
        for role, entry in self._noted:
            if role == "used" and isinstance(entry.get("version"), int):
                link = ArtifactLink(str(entry["type"]), str(entry["name"]), int(str(entry["version"])))
                found[link] = None
        return list(found)

    def note(self, role: Role, artifact: ArtifactLink) -> None:
        entry: dict[str, JSON] = {
            "name": artifact.name,
            "type": artifact.type,
            "version": artifact.version,
            "at": time(),
            "size": artifact.size,
            "files": artifact.files,
        }
        self._noted.append((role, entry))

    def merged(self, disk: dict[str, JSON]) -> JSONObject:
        """The document with what was noted here; other processes of the run write it too."""
        document: dict[str, Any] = dict(disk)
        document.update({role: _entries(disk.get(role)) for role in ("created", "used")})
        for role, entry in list(self._noted):
            if not any(_same(entry, there) for there in document[role]):
                document[role].append(entry)
        return document


def _entries(value: object) -> list[dict[str, JSON]]:
    return [dict(entry) for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _same(one: Mapping[str, JSON], other: Mapping[str, JSON]) -> bool:
    return all(one.get(key) == other.get(key) for key in ("type", "name", "version"))
