"""Names of other tools and of older versions, spelled so that they can be folders everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..errors import UnsafePath
from .paths import check_path, check_project, check_run_id, check_segment

_BAD = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


def spell_place(project: str, name: str, run_id: str) -> tuple[str, str, str]:
    """Project, name and id as they are, where they can be stored; what cannot is spelled otherwise, the same each
    time, and two that differ stay different."""
    parts = [_spelled(part, lambda value: check_path("name", value)) for part in name.split("/") if part]
    return _spelled(project, check_project), "/".join(parts) or "default", _spelled(run_id, check_run_id)


def spell_segment(name: str) -> str:
    """One name that can be a folder everywhere."""
    return _spelled(name, lambda value: check_segment("name", value))


def spell_apart(run_id: str, mark: str) -> str:
    """An id of its own for a run whose id another one has.

    :param mark: what tells it from the other one; the same mark gives the same id.
    """
    kept = run_id.encode()[:90].decode("utf-8", "ignore")
    return f"{kept}-{_mark(mark)}"


def _spelled(value: str, check: Callable[[str], object]) -> str:
    try:
        check(value)
    except UnsafePath:
        kept = _BAD.sub("_", value).strip(" .") or "unnamed"
        mark = _mark(value)
        return f"{kept.encode('utf-8', 'replace')[:80].decode('utf-8', 'ignore').rstrip(' .')}-{mark}"
    return value


def _mark(text: str) -> str:
    from hashlib import sha256  # 3 ms that a training need not pay

    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
