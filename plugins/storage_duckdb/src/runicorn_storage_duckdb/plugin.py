"""The entry point. DuckDB, pyarrow and numpy are imported when something is asked of an index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.contracts import StorageBackend, Viewer

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
    return {
        "sql": "runicorn_storage_duckdb.sql.command:sql",
        "storage": "runicorn_storage_duckdb.commands.storage:storage",
    }


@hookimpl
def register_api() -> Mapping[str, str]:
    reading = "runicorn_storage_duckdb.sql.reading"
    return {"open": f"{reading}:open_root", "query": f"{reading}:query"}


@hookimpl
def viewer_routes(viewer: Viewer) -> Iterable[Any]:
    from .sql.endpoint import endpoints

    return endpoints(viewer)
