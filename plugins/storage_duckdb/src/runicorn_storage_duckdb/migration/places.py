"""Where runs of another root go in today's layout."""

from __future__ import annotations

from runicorn.model.run import RunRef
from runicorn.security import spell_apart, spell_place


def place_for(ref: RunRef) -> RunRef:
    """The same run where today's layout has it. A name that some system cannot store is spelled otherwise.

    Two runs that carry one project, name and id get two places only if the caller asks for the second one
    (:func:`another_place`).
    """
    return _ref(*spell_place(ref.project, ref.name, ref.id))


def another_place(target: RunRef, source: RunRef) -> RunRef:
    """A place of its own for a run whose place another one has."""
    return _ref(target.project, target.name, spell_apart(target.id, source.folder))


def _ref(project: str, name: str, run_id: str) -> RunRef:
    return RunRef(run_id, project, name, f"{project}/{name}/runs/{run_id}")
