"""The one place where names are checked and paths are joined."""

from .paths import check_path, check_project, check_run_id, check_segment, join, split_path

__all__ = ["check_path", "check_project", "check_run_id", "check_segment", "join", "split_path"]
