"""What a plugin promises. Each contract is a Protocol whose docstrings state the guarantee, not the mechanism.

The tests that a plugin author subclasses stand in ``runicorn.testing``.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take it for true
if TYPE_CHECKING:
    from .archive import ArchivePart, ArtifactKeeper, IncomingArtifact, PartFile, PlacedPart
    from .artifacts import ArtifactStore, BlobEntry, BlobStore
    from .batch import Batch
    from .capture import Capture, CapturedRun
    from .exporter import Exporter, ExportReader, FolderExporter, FolderFile
    from .importer import Importer, RunHead, RunSink, RunSource
    from .increments import Increment, IncrementalReader
    from .media import MediaSink, MediaType
    from .monitor import Monitor
    from .run import Check, HealthCheck, RunView
    from .sampler import Sampler
    from .sink import AlertSink
    from .sql import SqlView
    from .storage import QueryStore, RunReader, RunSession, RunTail, RunWriter, StorageBackend, Store
    from .transport import FileEntry, FileTree, RootTransport, Transport
    from .viewer import Viewer

__all__ = [
    "AlertSink",
    "ArchivePart",
    "ArtifactKeeper",
    "ArtifactStore",
    "Batch",
    "BlobEntry",
    "BlobStore",
    "Capture",
    "CapturedRun",
    "Check",
    "ExportReader",
    "Exporter",
    "FileEntry",
    "FileTree",
    "FolderExporter",
    "FolderFile",
    "HealthCheck",
    "Importer",
    "IncomingArtifact",
    "Increment",
    "IncrementalReader",
    "MediaSink",
    "MediaType",
    "Monitor",
    "PartFile",
    "PlacedPart",
    "QueryStore",
    "RootTransport",
    "RunHead",
    "RunReader",
    "RunSession",
    "RunSink",
    "RunSource",
    "RunTail",
    "RunView",
    "RunWriter",
    "Sampler",
    "SqlView",
    "StorageBackend",
    "Store",
    "Transport",
    "Viewer",
]

_HOMES = {
    "AlertSink": "sink",
    "ArchivePart": "archive",
    "ArtifactKeeper": "archive",
    "ArtifactStore": "artifacts",
    "Batch": "batch",
    "BlobEntry": "artifacts",
    "BlobStore": "artifacts",
    "Capture": "capture",
    "CapturedRun": "capture",
    "Check": "run",
    "ExportReader": "exporter",
    "Exporter": "exporter",
    "FileEntry": "transport",
    "FileTree": "transport",
    "FolderExporter": "exporter",
    "FolderFile": "exporter",
    "HealthCheck": "run",
    "Importer": "importer",
    "IncomingArtifact": "archive",
    "Increment": "increments",
    "IncrementalReader": "increments",
    "MediaSink": "media",
    "MediaType": "media",
    "Monitor": "monitor",
    "PartFile": "archive",
    "PlacedPart": "archive",
    "QueryStore": "storage",
    "RootTransport": "transport",
    "RunHead": "importer",
    "RunReader": "storage",
    "RunSession": "storage",
    "RunSink": "importer",
    "RunSource": "importer",
    "RunTail": "storage",
    "RunView": "run",
    "RunWriter": "storage",
    "Sampler": "sampler",
    "SqlView": "sql",
    "StorageBackend": "storage",
    "Store": "storage",
    "Transport": "transport",
    "Viewer": "viewer",
}


def __getattr__(name: str) -> object:
    """A contract at its first use: a training needs few of them."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
