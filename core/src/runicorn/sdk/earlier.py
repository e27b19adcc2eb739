"""The best value of what a killed process had logged before it could say so."""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING

from ..loader import Once
from ..serialize import number
from .best import BestValue

if TYPE_CHECKING:
    from ..contracts.storage import Store
    from .run import Run


class EarlierBest:
    """Reads the whole run, on a thread of its own: that takes seconds for each 100 MB. Then the best value is told."""

    def __init__(self, run: Run, store: Store, best: BestValue) -> None:
        """:raises RuntimeError: the system has no more threads, or the interpreter is ending."""
        self._run, self._store, self._best = run, store, best
        self._read = Once()
        threading.Thread(target=self._look, name="runicorn-best", daemon=True).start()

    def wait(self, deadline: float) -> bool:
        """False when it has not ended in time.

        :param deadline: on ``time.monotonic()``'s clock.
        """
        return self._read.wait(deadline - monotonic())

    def _look(self) -> None:
        try:
            self._find()
        finally:
            self._read.set()

    def _find(self) -> None:
        run, found = self._run, BestValue(self._best.metric, self._best.mode, lambda: None)
        try:
            for record in self._store.open_run(run._writing.session.ref).records():
                value = number(record.data.get(found.metric))
                if value is not None:
                    found.offer(value, record.step)
        except Exception as error:  # noqa: BLE001 (no error of ours reaches the training)
            run._troubles.report("runicorn", "set_primary_metric()", error)
        with run._lock:
            self._best.offer_earlier(found)
