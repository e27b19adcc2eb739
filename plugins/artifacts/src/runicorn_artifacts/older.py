"""Artifacts that Runicorn 0.5 and 0.7 wrote, read as they are: ``artifacts/<type>/<name>/v<N>/``.

Oddities of real folders: the type ``ArtifactType.MODEL`` for ``model``, further keys in the metadata of promoted
versions, versions that ``versions.json`` does not list, a missing or torn file beside good ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from runicorn.errors import UnsafePath
from runicorn.security import join
from runicorn.serialize import number, read_object

from .errors import ArtifactDamaged
from .history import State, VersionState
from .manifest import FileEntry, Link, Manifest, Reference, RunLink, VersionRecord
from .names import LATEST, STAGES, Name, version_number

_TYPE_PREFIX = "ArtifactType."
#: Folders of today's layout, which stand beside the types of the older one.
_OURS = frozenset(["objects", "versions", "events", "uses", "used-by"])


class OlderArtifacts:
    """The artifacts below one folder. Thread-safe; never changes a byte."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[Name]:
        found = []
        for folder in _folders(self._folder):
            if folder.name in _OURS or folder.name.startswith("."):
                continue
            kind = folder.name
            if kind.startswith(_TYPE_PREFIX):
                kind = kind.removeprefix(_TYPE_PREFIX).lower()
            found += [Name(kind, base.name) for base in _folders(folder) if _is_artifact(base)]
        return found

    def folder(self, name: Name, version: int) -> Path | None:
        base = self._base(name)
        return None if base is None else base / f"v{version}"

    def records(self, name: Name) -> dict[int, VersionRecord]:
        base = self._base(name)
        if base is None:
            return {}
        numbers = (version_number(entry.name) for entry in base.iterdir() if entry.is_dir())
        return {n: _record(name, n, base / f"v{n}") for n in sorted(n for n in numbers if n is not None)}

    def state(self, name: Name) -> State:
        """Aliases, stages, evaluations and deletions, as far as they were kept."""
        base = self._base(name)
        if base is None:
            return State()
        aliases: dict[str, int] = {}
        listed = read_object(base / "versions.json").get("aliases")
        for alias, version in (listed if isinstance(listed, Mapping) else {}).items():
            n = _version(version)
            if n is not None and alias != LATEST:
                aliases[str(alias)] = n
        return State(aliases, {n: _state(base / f"v{n}") for n in self.records(name)})

    def manifest(self, name: Name, version: int) -> Manifest:
        folder = self.folder(name, version)
        document = read_object(folder / "manifest.json") if folder is not None else {}
        return Manifest.of(
            [_file(entry) for entry in _objects(document.get("files")) if entry.get("path")],
            [_reference(entry) for entry in _objects(document.get("references")) if entry.get("uri")],
        )

    def open(self, name: Name, version: int, entry: FileEntry) -> BinaryIO:
        """:raises ArtifactDamaged: the file is missing, or would lie outside."""
        link = Link(name.type, name.name, version)
        folder = self.folder(name, version)
        try:
            return join((folder or self._folder) / "files", entry.path).open("rb")
        except (OSError, UnsafePath) as error:
            raise ArtifactDamaged(str(link), entry.path, "is missing") from error

    def _base(self, name: Name) -> Path | None:
        for kind in (name.type, f"{_TYPE_PREFIX}{name.type.upper()}"):
            base = self._folder / kind / name.name
            if kind not in _OURS and _is_artifact(base):
                return base
        return None


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if entry.is_dir())
    except OSError:
        return []


def _is_artifact(base: Path) -> bool:
    return (base / "versions.json").is_file() or any((base / f"v{n}" / "metadata.json").is_file() for n in (1, 2))


def _record(name: Name, version: int, folder: Path) -> VersionRecord:
    metadata, manifest = read_object(folder / "metadata.json"), read_object(folder / "manifest.json")
    run = metadata.get("created_by_run")
    files = _objects(manifest.get("files"))
    own = metadata.get("metadata")
    return VersionRecord(
        type=name.type,
        name=name.name,
        version=version,
        created_at=number(metadata.get("created_at")) or number(manifest.get("created_at")) or 0.0,
        manifest=str(metadata.get("manifest_digest") or ""),
        # The older one counted what references state as stored; only files are.
        size=sum(int(number(entry.get("size")) or 0) for entry in files),
        files=len(files),
        references=len(_objects(manifest.get("references"))),
        run=RunLink(str(run), "", "") if run else None,
        description=str(metadata.get("description") or ""),
        metadata=own if isinstance(own, Mapping) else {},
        tags=tuple(str(tag) for tag in metadata.get("tags") or ()),
        user=str(metadata.get("created_by_user") or ""),
    )


def _state(folder: Path) -> VersionState:
    metadata = read_object(folder / "metadata.json")
    deleted = read_object(folder / ".deleted") if (folder / ".deleted").exists() else None
    stage = metadata.get("lifecycle_stage")
    transitions = (
        {
            "from": step.get("from_stage"),
            "to": step.get("to_stage"),
            "note": step.get("notes") or "",
            "run": step.get("evaluator_run_id"),
            "at": number(step.get("timestamp")),
        }
        for step in _objects(metadata.get("stage_transitions"))
    )
    return VersionState(
        stage=stage if stage in STAGES else None,
        transitions=tuple(transitions),
        evaluations=tuple(_objects(metadata.get("evaluations"))),
        deleted_at=None if deleted is None else number(deleted.get("deleted_at")) or 0.0,
    )


def _file(entry: Mapping[str, Any]) -> FileEntry:
    digest = str(entry.get("digest") or "").removeprefix("sha256:")
    return FileEntry(str(entry["path"]), int(number(entry.get("size")) or 0), digest)


def _reference(entry: Mapping[str, Any]) -> Reference:
    size = number(entry.get("size"))
    checksum = entry.get("checksum")
    stated = None if checksum is None else str(checksum)
    return Reference(str(entry["uri"]), stated, None if size is None else int(size))


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _version(value: object) -> int | None:
    if isinstance(value, int):
        return value
    return version_number(f"v{str(value).removeprefix('v')}")
