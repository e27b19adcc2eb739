"""The typed callers of all hooks, one function for each, isolation inside.

Implementations are called one by one in the order of plugin names (:mod:`.calling`), but for observers of a run, which
have a thread each (:mod:`.observers`); what one raises is recorded
against its plugin and stops nobody else. ``RUNICORN_PLUGINS_STRICT=1`` re-raises.
"""

from .api import api_names, api_targets, lookup_api
from .archives import archive_parts
from .artifacts import ArtifactStores, artifact_stores
from .calling import Offers, first
from .captures import RunCaptures
from .checks import run_health_checks
from .commands import commands
from .configuration import change_config, config_document, config_schemas, config_sections, plugin_section
from .environment import collect_environment
from .exporters import check_export, export_runs, export_to_file, export_to_folder, exporters
from .exporting import ExportProgress, Selection
from .finding import find_run, find_runs, pick_run
from .importers import importer_for, importers, read_source
from .installed import find_plugin, plugins, runs_at_next_start, survey, switch_plugin
from .media import media_type_for, media_types
from .observers import Observer, observed, observers
from .openers import opener_for, openers
from .samplers import RunSamplers
from .storage import open_store, storage_backends
from .system import system_metrics
from .transports import RemoteTransports, open_root, remote_transports, scheme_of
from .viewer import viewer_routes
from .viewer_panels import viewer_panels
from .viewer_serving import bounded_call, note_failure, viewer_authorize, viewer_lifespan, viewer_middleware

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
    "storage_backends",
    "survey",
    "switch_plugin",
    "system_metrics",
    "viewer_authorize",
    "viewer_lifespan",
    "viewer_middleware",
    "viewer_panels",
    "viewer_routes",
]
