"""The entry point: ``rn.Artifact`` and what runs do with it, stores for them, commands, routes. Light to import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runicorn.hookspecs import hookimpl

if TYPE_CHECKING:
    from runicorn.contracts import ArchivePart, ArtifactStore, SqlView, Viewer
    from runicorn.contracts.panels import Static
    from runicorn.contracts.viewer import Topic

    from .settings import ArtifactsSection

RUNICORN_API = 1


@hookimpl
def config_schema() -> type[ArtifactsSection]:
    from .settings import ArtifactsSection

    return ArtifactsSection


@hookimpl
def register_api() -> Mapping[str, str]:
    return {
        "Artifact": "runicorn_artifacts.artifact:Artifact",
        "ArtifactRepository": "runicorn_artifacts.repository:ArtifactRepository",
        "ArtifactVersion": "runicorn_artifacts.handle:ArtifactVersion",
        "LineageTracker": "runicorn_artifacts.lineage:LineageTracker",
        "log_artifact": "runicorn_artifacts.sdk:log_artifact_anywhere",
        "open_artifacts": "runicorn_artifacts.opening:open_repository",
        "use_artifact": "runicorn_artifacts.sdk:use_artifact_anywhere",
        "Run.log_artifact": "runicorn_artifacts.sdk:log_artifact",
        "Run.use_artifact": "runicorn_artifacts.sdk:use_artifact",
    }


@hookimpl
def register_artifact_stores() -> Iterator[ArtifactStore]:
    from .fsspec_store import FsspecStores
    from .local_store import FolderStores

    yield FolderStores()
    yield FsspecStores()


@hookimpl
def register_archive_parts() -> Iterator[ArchivePart]:
    from .archived import ArchivedArtifacts

    yield ArchivedArtifacts()


@hookimpl
def register_sql_views() -> Iterator[SqlView]:
    from .sql import ArtifactColumns

    yield ArtifactColumns()


@hookimpl
def register_commands() -> Mapping[str, str]:
    return {"artifacts": "runicorn_artifacts.command:artifacts"}


@hookimpl
def viewer_routes(viewer: Viewer) -> Iterable[Any]:
    from .routes import routes

    return routes(viewer)


@hookimpl
def viewer_topics(viewer: Viewer) -> Iterable[Topic]:
    from .watching import topic

    return [topic(viewer)]


@hookimpl
def viewer_panels() -> Iterator[Static]:
    from pathlib import Path

    from runicorn.contracts.panels import Page, Panel, Static

    yield Static(
        Path(__file__).parent / "static",
        module="index.js",
        pages=(Page("artifacts.all", "/artifacts", "Artifacts", titles={"zh-CN": "制品"}),),
        panels=(Panel("artifacts.run", "Artifacts", slot="run", titles={"zh-CN": "制品"}),),
    )
