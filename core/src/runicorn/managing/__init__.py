"""Runs in bulk: import, tag, group, move, delete, clean up, undo. The same for Python, the command line and HTTP."""

from .cleaning import Cleanup, CleanupRule
from .imported import Conflict, Imported, ImportProgress, ImportRequest
from .importing import import_runs
from .incoming import IncomingRun
from .manager import ExperimentManager
from .outcome import Outcome
from .usage import ProjectUsage

__all__ = [
    "Cleanup",
    "CleanupRule",
    "Conflict",
    "ExperimentManager",
    "ImportProgress",
    "ImportRequest",
    "Imported",
    "IncomingRun",
    "Outcome",
    "ProjectUsage",
    "import_runs",
]
