"""The entry point. DuckDB, pyarrow and numpy are imported when something is asked of an index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.contracts import StorageBackend

    from .settings import StorageDuckdbSection

RUNICORN_API = 1


@hookimpl
def config_schema() -> type[StorageDuckdbSection]:
    from .settings import StorageDuckdbSection

    return StorageDuckdbSection


@hookimpl
def register_storage_backends() -> Iterator[StorageBackend]:
    from .hybrid_backend import HybridStorageBackend
    from .sealing_backend import DuckDBStorageBackend

    yield from (HybridStorageBackend(), DuckDBStorageBackend())


@hookimpl
def register_commands() -> Mapping[str, str]:
    return {"storage": "runicorn_storage_duckdb.commands.storage:storage"}
