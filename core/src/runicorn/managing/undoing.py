"""From a change back to what was before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..contracts.storage import MovingStore
from ..errors import InvalidArgument, RunicornError, RunNotFound
from .outcome import Outcome

if TYPE_CHECKING:
    from ..contracts import Store
    from ..model.run import ExperimentRecord
    from .journal import Change


def undo(store: Store, change: Change) -> Outcome:
    """Undo a change run by run, the last one first; one that cannot be undone stops no other."""
    known = {record.ref.folder: record for record in store.list_runs(deleted=None)}
    changed, errors = [], {}
    for step in reversed(change.steps):
        folder = str(step["folder"])
        try:
            record = known.get(folder)
            if record is None:
                raise RunNotFound(folder.rpartition("/")[2], str(store.root))
            changed.append(_step(store, change.kind, record, step))
        except (RunicornError, OSError) as error:
            errors[folder] = str(error)
    return Outcome(tuple(changed), errors)


def _step(store: Store, kind: str, record: ExperimentRecord, step: Mapping[str, Any]) -> str:
    """Undo it for one run; the folder where it is then."""
    if kind == "delete":
        store.restore(record.ref)
    elif kind == "restore":
        store.soft_delete(record.ref, str(step.get("reason") or ""))
    elif kind == "move":
        if not isinstance(store, MovingStore):
            raise InvalidArgument("backend", store.backend, "cannot move runs")
        moved = store.move(record.ref, str(step["project"]), str(step["name"]))
        return moved.folder
    else:
        store.update_user(record.ref, lambda user: _before(user, step["before"], step["after"], record.ref.folder))
    return record.ref.folder


def _before(user: dict[str, Any], before: Mapping[str, Any], after: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """:raises InvalidArgument: somebody has changed it since."""
    for key, value in after.items():
        if user.get(key) != value:
            raise InvalidArgument(key, user.get(key), f"of {folder} was changed since; it stays")
    kept = {key: value for key, value in user.items() if key not in before}
    return {**kept, **{key: value for key, value in before.items() if value is not None}}
