"""The store that writes and reads the run folders themselves. It is another plugin's, and met through its hook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.errors import BackendNotFound
from runicorn.hooks import storage_backends

if TYPE_CHECKING:
    from runicorn.contracts import StorageBackend, Store

#: The backend that knows the run folder.
FILES = "jsonl"


def file_backend() -> StorageBackend:
    """:raises BackendNotFound: the plugin that provides it is absent or switched off."""
    backend = storage_backends().get(FILES)
    if backend is None:  # whatever this plugin offers cannot write without it
        raise BackendNotFound(FILES, ())
    return backend


def open_files(root: Path, config: Mapping[str, object]) -> Store:
    """The run folders below a root.

    :raises BackendNotFound: see :func:`file_backend`.
    """
    return file_backend().open_store(root, config)
