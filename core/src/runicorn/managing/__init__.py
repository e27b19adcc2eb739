"""Runs in bulk: tag, group, move, delete, clean up, and undo. The same for Python, the command line and the viewer."""

from .cleaning import Cleanup, CleanupRule
from .manager import ExperimentManager
from .outcome import Outcome
from .usage import ProjectUsage

__all__ = ["Cleanup", "CleanupRule", "ExperimentManager", "Outcome", "ProjectUsage"]
