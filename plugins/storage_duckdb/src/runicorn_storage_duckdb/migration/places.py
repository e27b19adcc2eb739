"""Where runs of another root go in today's layout."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256

from runicorn.errors import UnsafePath
from runicorn.model.run import RunRef
from runicorn.security import check_path, check_project, check_run_id

_BAD = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


def place_for(ref: RunRef) -> RunRef:
    """The same run where today's layout has it. A name that some system cannot store is spelled otherwise.

    Two runs that carry one project, name and id get two places only if the caller asks for the second one
    (:func:`another_place`).
    """
    project = _usable(ref.project, check_project)
    name = "/".join(_usable(part, lambda value: check_path("name", value)) for part in ref.name.split("/") if part)
    run_id = _usable(ref.id, check_run_id)
    return _ref(run_id, project, name or "default")


def another_place(target: RunRef, source: RunRef) -> RunRef:
    """A place of its own for a run whose place another one has."""
    mark = sha256(source.folder.encode()).hexdigest()[:6]
    return _ref(f"{target.id[:90]}-{mark}", target.project, target.name)


def _ref(run_id: str, project: str, name: str) -> RunRef:
    return RunRef(run_id, project, name, f"{project}/{name}/runs/{run_id}")


def _usable(value: str, check: Callable[[str], object]) -> str:
    try:
        check(value)
    except UnsafePath:
        kept = _BAD.sub("_", value).strip(" .") or "unnamed"
        mark = sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:6]
        return f"{kept.encode('utf-8', 'replace')[:80].decode('utf-8', 'ignore')}-{mark}"
    return value
