"""Storage in plain files. Reading code and numpy are imported when something is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.contracts import StorageBackend

RUNICORN_API = 1


@hookimpl
def register_storage_backends() -> Iterator[StorageBackend]:
    from .backend import JsonlBackend

    yield JsonlBackend()
