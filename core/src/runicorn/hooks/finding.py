"""From what a user types to a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import AmbiguousRun, RunNotFound

if TYPE_CHECKING:
    from pathlib import Path

    from ..contracts import Store
    from ..model.run import ExperimentRecord


def find_run(store: Store, text: str) -> ExperimentRecord:
    """The run whose id, path or display name this is, or whose id starts or ends with it.

    :raises RunNotFound: there is none.
    :raises AmbiguousRun: there are several.
    """
    return pick_run(store.list_runs(deleted=None), text, store.root)


def pick_run(records: Sequence[ExperimentRecord], text: str, root: Path) -> ExperimentRecord:
    """Like :func:`find_run`, of a list that was read already.

    :raises RunNotFound: there is none.
    :raises AmbiguousRun: there are several.
    """
    exact = [r for r in records if text in (r.ref.id, r.ref.folder)]
    if len({r.ref.folder for r in exact}) >= 1 and (len(exact) == 1 or exact[0].ref.folder == text):
        return exact[0]
    if exact:
        raise AmbiguousRun(text, [r.ref.folder for r in exact], by_folder=True)
    named = [r for r in records if r.display_name == text]
    close = named or [r for r in records if r.ref.id.startswith(text) or r.ref.id.endswith(text)]
    if not close:
        raise RunNotFound(text, str(root))
    if len(close) > 1:
        one_id = len({r.ref.id for r in close}) == 1
        raise AmbiguousRun(text, [r.ref.folder for r in close], by_folder=one_id or bool(named))
    return close[0]


def find_runs(store: Store, texts: Sequence[str]) -> list[ExperimentRecord]:
    """Like :func:`find_run`, for several."""
    records = store.list_runs(deleted=None)
    return [pick_run(records, text, store.root) for text in texts]
