"""Which runs a clean-up takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from time import time

from attrs import field, frozen

from ..errors import InvalidArgument
from ..model.run import ExperimentRecord, RunRef, Status
from ..security import join
from .usage import size_of


@frozen
class CleanupRule:
    """Runs that meet everything that is given. Running, pinned and archived runs are never taken."""

    older_than_s: float | None = None  # since their end, or their last sign of life
    statuses: tuple[Status, ...] = ()  # empty = any
    larger_than: int | None = None  # bytes
    project: str | None = None

    def check(self) -> None:
        """:raises InvalidArgument: nothing is given, which would mean every run."""
        if self.older_than_s is None and not self.statuses and self.larger_than is None:
            raise InvalidArgument("clean-up", "", "needs an age, a status or a size; it would take every run")


@frozen
class Cleanup:
    """What a clean-up takes, or took: to the recycle bin, from where everything can be restored."""

    runs: tuple[RunRef, ...]
    bytes: int
    done: bool  # False: only looked at (a dry run)
    errors: Mapping[str, str] = field(factory=dict)
    change: str | None = None


def chosen(root: Path, records: Iterable[ExperimentRecord], rule: CleanupRule) -> dict[RunRef, int]:
    """The runs that a rule takes, and their bytes."""
    rule.check()
    now, found = time(), {}
    for record in records:
        if record.status == "running" or record.pinned or record.archived or record.deleted_at is not None:
            continue
        if rule.project is not None and record.ref.project != rule.project:
            continue
        if rule.statuses and record.status not in rule.statuses:
            continue
        if rule.older_than_s is not None and now - _last_seen(record) < rule.older_than_s:
            continue
        size = size_of(join(root, record.ref.folder))
        if rule.larger_than is not None and size <= rule.larger_than:
            continue
        found[record.ref] = size
    return found


def _last_seen(record: ExperimentRecord) -> float:
    return max(record.created_at, record.started_at or 0.0, record.ended_at or 0.0, record.heartbeat_at or 0.0)
