"""A run as it is listed: identity, life, what the user wrote about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import field, frozen

from ..types import JSON, JSONObject

Status: TypeAlias = Literal["running", "finished", "failed", "interrupted", "crashed"]
Mode: TypeAlias = Literal["min", "max"]

#: What ``finish()`` may be given. ``crashed`` is never written: readers compute it from heartbeats.
FINAL_STATUSES: tuple[Status, ...] = ("finished", "failed", "interrupted")


@frozen
class RunRef:
    """Which run. Two folders that carry one id (a copy) are two runs: ``folder`` tells them apart."""

    id: str
    project: str
    name: str
    folder: str  # relative to the storage root, with "/" on every system


@frozen
class Best:
    """The best value of the primary metric so far; NaN and infinities of the wrong sign never win."""

    metric: str
    value: float
    step: int | None
    mode: Mode


@frozen
class RunMeta:
    """What is known when a run is created; written once to ``meta.json``."""

    id: str
    project: str
    name: str
    created_at: float  # Unix seconds
    hostname: str = ""
    pid: int | None = None
    python: str = ""
    platform: str = ""
    command: tuple[str, ...] = ()
    group: str | None = None
    job_type: str | None = None
    resumed_from: str | None = None


@frozen
class ExperimentRecord:
    """One run of a list: everything that needs no look into its event files."""

    ref: RunRef
    status: Status  # computed: a running one without a heartbeat reads "crashed"
    created_at: float
    started_at: float | None = None
    ended_at: float | None = None
    heartbeat_at: float | None = None
    hostname: str = ""
    group: str | None = None
    job_type: str | None = None
    display_name: str | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    pinned: bool = False
    archived: bool = False
    best: Best | None = None
    summary: JSONObject = field(factory=dict)
    artifacts_created: tuple[Mapping[str, JSON], ...] = ()
    artifacts_used: tuple[Mapping[str, JSON], ...] = ()
    trouble: tuple[Mapping[str, JSON], ...] = ()
    exit: JSONObject | None = None
    deleted_at: float | None = None
    delete_reason: str = ""
    format: str = "runicorn"  # or "runicorn-0.5", "runicorn-0.7": who wrote the folder

    @property
    def duration_s(self) -> float | None:
        """Seconds from start to end, or to the last sign of life; None when neither is known."""
        end = self.ended_at if self.ended_at is not None else self.heartbeat_at
        return None if end is None else max(0.0, end - (self.started_at or self.created_at))

    @property
    def title(self) -> str:
        return self.display_name or self.ref.id
