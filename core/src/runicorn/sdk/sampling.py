"""System metrics of a run: which process samples, and how samples become lines of ``system.jsonl``."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from time import time
from typing import TYPE_CHECKING

from .. import hooks
from ..host import hostname
from ..loader import Once
from ..serialize import dumps
from .electing import OneOfHost

if TYPE_CHECKING:
    from ..types import JSON
    from .run import Run

_FIRST_AFTER_S = 1.0  # the training gets its first moments for itself; shorter runs are not sampled
_LOOK_S = 5.0
_STOP_S = 0.2
_AGAIN_S = 5.0  # between two tries to take the place of the process that samples

#: Where launchers put the number of a process on its host.
_LOCAL_RANKS = ("LOCAL_RANK", "SLURM_LOCALID", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "PMI_LOCAL_RANK")


def may_sample() -> bool:
    """Whether this process may sample for a run. One of each host does: where a launcher numbers the processes of a
    host, the first of them, otherwise whichever comes first; when it has ended, another one goes on."""
    ranks = (os.environ.get(name, "") for name in _LOCAL_RANKS)
    return next((int(text) for text in ranks if text.isdecimal()), 0) == 0


class Sampling:
    """The samplers of one run. Starts within microseconds; ends without waiting for a sampler."""

    def __init__(self, run: Run) -> None:
        """:raises RuntimeError: the system has no more threads, or the interpreter is ending."""
        self._run = run
        self._samplers = hooks.RunSamplers(run, self._keep, run._troubles.report)
        self._stop = Once()
        self._lock = threading.Lock()
        self._ended = False
        self._place = OneOfHost(f"samples {run.project}/{run.name}/{run.id}")
        threading.Thread(target=self._watch, name="runicorn-sampling", daemon=True).start()

    def stop(self) -> None:
        """Nothing is kept any more when this has returned."""
        self._stop.set()
        self._samplers.stop()
        held = self._lock.acquire(timeout=_STOP_S)  # a thread may hang in the storage with it
        self._ended = True
        if held:
            self._lock.release()
        self._place.leave()

    def _watch(self) -> None:
        if self._stop.wait(_FIRST_AFTER_S):
            return
        while not self._place.take():
            if self._stop.wait(_AGAIN_S):
                return
        self._samplers.start()
        while not self._stop.wait(_LOOK_S):
            self._samplers.look()

    def _keep(self, sample: Mapping[str, float]) -> None:
        record: dict[str, JSON] = {"ts": time(), "type": "system", "host": hostname(), "data": sample}
        line = dumps(record) + b"\n"
        with self._lock:
            if not self._ended:
                self._run._keep("system", line)
