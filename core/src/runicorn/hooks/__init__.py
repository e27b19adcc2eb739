"""The typed callers of all hooks, one function for each, isolation inside.

Implementations are called one by one in the order of plugin names (:mod:`.calling`), but for observers of a run, which
have a thread each (:mod:`.watching`); what one raises is recorded
against its plugin and stops nobody else. ``RUNICORN_PLUGINS_STRICT=1`` re-raises.
"""

TYPE_CHECKING = False  # type checkers take it for true
if TYPE_CHECKING:
    from .api import api_names, api_targets, lookup_api
    from .archives import archive_parts
    from .artifacts import ArtifactStores, artifact_stores
    from .calling import Offers, first
    from .captures import RunCaptures
    from .checks import run_health_checks
    from .cli_commands import commands
    from .configuration import change_config, config_document, config_schemas, config_sections, plugin_section
    from .environment import collect_environment
    from .exporting import ExportProgress, Selection
    from .exports import check_export, export_runs, export_to_file, export_to_folder, exporters
    from .finding import find_run, find_runs, pick_run
    from .imports import importer_for, importers, read_source
    from .installed import find_plugin, plugins, runs_at_next_start, survey, switch_plugin
    from .media import media_type_for, media_types
    from .opening import opener_for, openers
    from .panels import viewer_panels
    from .samplers import RunSamplers
    from .sql import sql_views
    from .storage import open_store, storage_backends
    from .system import system_metrics
    from .transports import RemoteTransports, open_root, remote_transports, scheme_of
    from .viewer import viewer_routes
    from .viewer_serving import (
        bounded_call,
        note_failure,
        viewer_authorize,
        viewer_lifespan,
        viewer_middleware,
        viewer_topics,
    )
    from .watching import Observer, observed, observers

__all__ = [
    "ArtifactStores",
    "ExportProgress",
    "Observer",
    "Offers",
    "RemoteTransports",
    "RunCaptures",
    "RunSamplers",
    "Selection",
    "api_names",
    "api_targets",
    "archive_parts",
    "artifact_stores",
    "bounded_call",
    "change_config",
    "check_export",
    "collect_environment",
    "commands",
    "config_document",
    "config_schemas",
    "config_sections",
    "export_runs",
    "export_to_file",
    "export_to_folder",
    "exporters",
    "find_plugin",
    "find_run",
    "find_runs",
    "first",
    "importer_for",
    "importers",
    "lookup_api",
    "media_type_for",
    "media_types",
    "note_failure",
    "observed",
    "observers",
    "open_root",
    "open_store",
    "opener_for",
    "openers",
    "pick_run",
    "plugin_section",
    "plugins",
    "read_source",
    "remote_transports",
    "run_health_checks",
    "runs_at_next_start",
    "scheme_of",
    "sql_views",
    "storage_backends",
    "survey",
    "switch_plugin",
    "system_metrics",
    "viewer_authorize",
    "viewer_lifespan",
    "viewer_middleware",
    "viewer_panels",
    "viewer_routes",
    "viewer_topics",
]

_HOMES = {
    "ArtifactStores": "artifacts",
    "ExportProgress": "exporting",
    "Observer": "watching",
    "Offers": "calling",
    "RemoteTransports": "transports",
    "RunCaptures": "captures",
    "RunSamplers": "samplers",
    "Selection": "exporting",
    "api_names": "api",
    "api_targets": "api",
    "archive_parts": "archives",
    "artifact_stores": "artifacts",
    "bounded_call": "viewer_serving",
    "change_config": "configuration",
    "check_export": "exports",
    "collect_environment": "environment",
    "commands": "cli_commands",
    "config_document": "configuration",
    "config_schemas": "configuration",
    "config_sections": "configuration",
    "export_runs": "exports",
    "export_to_file": "exports",
    "export_to_folder": "exports",
    "exporters": "exports",
    "find_plugin": "installed",
    "find_run": "finding",
    "find_runs": "finding",
    "first": "calling",
    "importer_for": "imports",
    "importers": "imports",
    "lookup_api": "api",
    "media_type_for": "media",
    "media_types": "media",
    "note_failure": "viewer_serving",
    "observed": "watching",
    "observers": "watching",
    "open_root": "transports",
    "open_store": "storage",
    "opener_for": "opening",
    "openers": "opening",
    "sql_views": "sql",
    "pick_run": "finding",
    "plugin_section": "configuration",
    "plugins": "installed",
    "read_source": "imports",
    "remote_transports": "transports",
    "run_health_checks": "checks",
    "runs_at_next_start": "installed",
    "scheme_of": "transports",
    "storage_backends": "storage",
    "survey": "installed",
    "switch_plugin": "installed",
    "system_metrics": "system",
    "viewer_authorize": "viewer_serving",
    "viewer_lifespan": "viewer_serving",
    "viewer_middleware": "viewer_serving",
    "viewer_topics": "viewer_serving",
    "viewer_panels": "panels",
    "viewer_routes": "viewer",
}


def __getattr__(name: str) -> object:
    """A caller at its first use: a training needs few of them. No module here has the name of one."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
