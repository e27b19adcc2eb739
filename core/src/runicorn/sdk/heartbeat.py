"""The sign of life of one process of a run."""

from __future__ import annotations

import os
from time import time

from ..host import hostname, process_space, process_started
from ..model.writer import WriterRecord

#: Where launchers put the number of a process.
_RANKS = ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK")


class Heartbeat:
    """Makes the records of this process; made anew in a forked child."""

    def __init__(self) -> None:
        self._started_at = time()
        self._pid = os.getpid()
        self._pid_started = process_started(self._pid)
        texts = (os.environ.get(name, "") for name in _RANKS)
        self._rank = next((int(text) for text in texts if text.isdecimal()), None)

    def record(self, ended_at: float | None, dropped: int) -> WriterRecord:
        return WriterRecord(
            host=hostname(),
            boot_id=process_space(),
            pid=self._pid,
            pid_started=self._pid_started,
            rank=self._rank,
            started_at=self._started_at,
            heartbeat_at=time(),
            ended_at=ended_at,
            observers_dropped=dropped,
        )
