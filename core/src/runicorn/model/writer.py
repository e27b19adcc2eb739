"""Who writes into a run. A module of its own: it is all that training needs of the model of streams."""

from __future__ import annotations

from attrs import frozen


@frozen
class WriterRecord:
    """One process that writes (or wrote) into a run; ``writers/<8 hex>.json``."""

    host: str
    boot_id: str
    pid: int
    pid_started: float | None
    rank: int | None
    started_at: float
    heartbeat_at: float
    ended_at: float | None = None
    observers_dropped: int = 0
