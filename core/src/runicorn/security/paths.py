"""Names that become folders.

A segment is any Unicode that Linux, macOS and Windows can all store, at most 100 bytes in UTF-8.
Everything that joins a name to a folder goes through :func:`join`.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ..errors import UnsafePath

MAX_SEGMENT_BYTES = 100
MAX_PATH_BYTES = 1000  # of a name with all its segments: no system takes a path much longer than that
_FORBIDDEN = frozenset('<>:"/\\|?*')
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789\u00b9\u00b2\u00b3"]
)
_NOT_PROJECTS = frozenset(["artifacts", "evaluations", "archive"])


def check_segment(what: str, value: object) -> str:
    """Return one path segment unchanged, or say what is wrong with it.

    :raises UnsafePath: it is empty, too long, reserved, or not storable on every supported system.
    """
    if not isinstance(value, str):
        raise UnsafePath(what, str(value), f"must be a string, not {type(value).__name__}")
    if not value:
        raise UnsafePath(what, value, "may not be empty")
    if value in (".", "..") or ".." in value.split("/"):
        raise UnsafePath(what, value, "may not contain '..'" if ".." in value else "may not be '.'")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise UnsafePath(what, value, "holds a character that is not valid Unicode") from None
    if size > MAX_SEGMENT_BYTES:
        raise UnsafePath(what, value, f"is {size} bytes long; at most {MAX_SEGMENT_BYTES} are allowed")
    for character in value:
        if character in _FORBIDDEN or ord(character) < 32 or ord(character) == 127:
            raise UnsafePath(what, value, f"may not contain {character!r}")
    if value[0] == ".":
        raise UnsafePath(what, value, "may not start with a dot")
    if value[-1] in ". " or value[0] == " ":
        raise UnsafePath(what, value, "may not start or end with a space, nor end with a dot")
    lowered = value.lower()
    if lowered == "runs":
        raise UnsafePath(what, value, "is reserved for the folder that holds the runs")
    if lowered.split(".")[0].rstrip() in _DEVICES:
        raise UnsafePath(what, value, "is a device name on Windows")
    return value


def check_project(value: object) -> str:
    """A project is one segment, and none of the folders that the root itself uses."""
    project = check_segment("project", value)
    if project.lower() in _NOT_PROJECTS:
        raise UnsafePath("project", project, "is reserved for a folder of the storage root")
    return project


def check_run_id(value: object) -> str:
    return check_segment("run_id", value)


def check_path(what: str, value: object) -> str:
    """A name of one or more segments with ``/`` between them."""
    if not isinstance(value, str) or not value:
        raise UnsafePath(what, str(value), "must be a non-empty string")
    for segment in value.split("/"):
        if not segment:
            raise UnsafePath(what, value, "may not start or end with '/' nor contain '//'")
        check_segment(what, segment)
    if len(value.encode()) > MAX_PATH_BYTES:
        raise UnsafePath(what, value, f"is {len(value.encode())} bytes long; at most {MAX_PATH_BYTES} are allowed")
    return value


def split_path(path: object) -> tuple[str, str]:
    """``"cv/yolo/ablation"`` -> project ``cv``, name ``yolo/ablation``; ``"nlp"`` -> ``nlp``, ``default``."""
    checked = check_path("path", path)
    project, _, name = checked.partition("/")
    return check_project(project), name or "default"


def check_relative(value: str) -> str:
    """A path below some folder, with ``/`` between its parts, for places that resolve it themselves.

    :raises UnsafePath: it is absolute, holds ``..``, ``.`` or empty parts, or is not storable.
    """
    if "\x00" in value or "\\" in value or value.startswith("/") or (len(value) > 1 and value[1] == ":"):
        raise UnsafePath("path", value, "must be relative and use '/'")
    if any(part in ("", ".", "..") for part in value.split("/")):
        raise UnsafePath("path", value, "may not contain '..', '.' or empty parts")
    return value


def join(root: Path, relative: str) -> Path:
    """Join a relative path that came from outside to a folder, and prove that it stays inside.

    Symbolic links are resolved before the proof. Unlike :func:`check_segment` this accepts every name
    that exists on disk (older folders hold many), as long as it stays below ``root``.

    :raises UnsafePath: the path is absolute, climbs out, or is not storable.
    """
    check_relative(relative)
    # As texts: a viewer does this for every run it looks at.
    base = os.path.realpath(root)
    target = os.path.join(base, relative)  # noqa: PTH118 (texts are three times as quick)
    if os.name == "nt" or _has_link(base, relative):
        target = os.path.realpath(target)
    inside = os.path.normcase(base).rstrip(os.sep) + os.sep
    if not os.path.normcase(target + os.sep).startswith(inside):
        raise UnsafePath("path", relative, "leaves its folder")
    return Path(target)


def _has_link(base: str, relative: str) -> bool:
    """Whether a symbolic link may stand on the way. Resolving looks at every part of ``base`` once more."""
    path = base
    for part in relative.split("/"):
        path = f"{path}/{part}"
        try:
            if stat.S_ISLNK(os.lstat(path).st_mode):
                return True
        except FileNotFoundError:
            return False
        except OSError:
            return True
    return False
