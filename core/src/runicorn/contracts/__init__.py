"""What a plugin promises. Each contract is a Protocol whose docstrings state the guarantee, not the mechanism.

The tests that a plugin author subclasses stand in ``runicorn.testing``.
"""

from .archive import ArchivePart, PartFile, PlacedPart
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
from .storage import QueryStore, RunReader, RunSession, RunTail, RunWriter, StorageBackend, Store
from .transport import FileEntry, FileTree, RootTransport, Transport
from .viewer import Viewer

__all__ = [
    "AlertSink",
    "ArchivePart",
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
    "StorageBackend",
    "Store",
    "Transport",
    "Viewer",
]
