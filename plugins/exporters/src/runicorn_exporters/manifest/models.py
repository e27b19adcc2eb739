"""What a manifest says. Paths are relative and use ``/``; nothing in it names this machine's folders."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import frozen

FORMAT_VERSION = "2.0"
Kind: TypeAlias = Literal["full", "active"]


@frozen
class ManifestFile:
    """One file as it was. A growing one may have become longer since: its first ``size`` bytes are these."""

    path: str  # relative to the run's folder, or to the root
    size: int
    mtime: float  # Unix seconds
    digest: str  # sha256:<hex>
    growing: bool = False


@frozen
class ManifestRun:
    """One run with its files in the order of paths."""

    run_id: str
    project: str
    name: str
    folder: str  # relative to the root
    status: str
    created_at: float
    tags: tuple[str, ...]
    files: tuple[ManifestFile, ...]


@frozen
class ManifestHead:
    manifest_type: Kind
    revision: int  # counts the manifests that were written to one place
    generated_at: float
    server_hostname: str
    generator_version: str
    format_version: str = FORMAT_VERSION


@frozen
class ManifestStatistics:
    total_experiments: int = 0
    total_files: int = 0
    total_bytes: int = 0
    hashed_files: int = 0  # read this time; the others had not changed since they were read
    hashed_bytes: int = 0


@frozen
class ManifestEnd:
    """``snapshot_id`` is the same for two roots with the same content."""

    snapshot_id: str
    statistics: ManifestStatistics
