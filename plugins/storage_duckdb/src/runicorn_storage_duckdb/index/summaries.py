"""One run in figures, from the index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from runicorn.model.metric import Series

if TYPE_CHECKING:
    from runicorn.model.run import RunRef

    from .looking import LookIndex


def series(index: LookIndex, ref: RunRef) -> Sequence[Series]:
    """See ``RunReader.series``.

    :raises Unavailable: the files have to answer.
    """
    with index.fresh([ref]) as known, index.database.reading() as cursor:
        rows = cursor.execute(
            "select key, n, first_step, last_step, last, min, min_step, max, max_step, mean, n_nan, n_posinf, n_neginf,"
            " last_ts from named_series where run = ?",
            [known[ref.folder].id],
        ).fetchall()
    return sorted((Series(*row) for row in rows), key=lambda one: one.key)
